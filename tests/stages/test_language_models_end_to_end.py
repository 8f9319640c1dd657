"""Generate, evaluate_lm, `gradus complete` and `gradus score` on a small built-in corpus."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_folder, write_text
from gradus.corpora.files import CORPUS
from gradus.decoding.records import read_records
from gradus.decoding.strategies import read_strategy
from gradus.evaluation.language_models.line_scores import read_line_scores
from gradus.params import read_section
from gradus.pipeline.imports import reached

ROOT = Path(__file__).parents[2]
SIZES = {"embedding": 8, "hidden": 8, "layers": 1, "dropout": 0.0}
TINY = {"kind": "lstm", **SIZES, "tied": False, "initial": "uniform", "skip": "none"}


def run(app, *arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


def stage(name, *arguments, code=0):
    module = __import__(f"stages.{name}", fromlist=["app"])
    return run(module.app, *arguments, code=code)


def evaluate(model, *options, code=0):
    """Run the evaluation stage of the model's family."""
    return stage("evaluate_lm" if model == "lstm" else "evaluate_lm_ngram", "--name", model, *options, code=code)


def gradus(*arguments, code=0):
    from gradus.cli.main import app

    return run(app, *arguments, code=code)


def small(params):
    """Return the project's parameters with three smoothers of order 3 and one small LSTM, trained for one epoch."""
    lm = {**read_section(params, "decode.lm"), "tokens": 40, "texts": 3}
    training = {**read_section(params, "train_lm.lstm.training"), "epochs": 1, "batch": 16}
    keys = ("seed", "threads", "processes", "numerics", "acquire", "tokenize", "evaluate_lm", "score_lm")
    return {key: read_section(params, key) for key in keys} | {
        "device": "cpu",
        "builtin": {
            "seed": 1,
            "topics": 3,
            "persistence": 0.9,
            "train_lines": 1500,
            "valid_lines": 20,
            "test_lines": 20,
        },
        "count_ngrams": {"order": 3},
        "smooth_ngrams": {
            name: read_section(params, f"smooth_ngrams.{name}")
            for name in ("mle", "stupid_backoff", "modified_kneser_ney")
        },
        "train_lm": {"lstm": {"network": TINY, "training": training}},
        "interpolate": {
            kind: {"kind": kind, "models": ["lstm", "modified_kneser_ney"], "tolerance": 1e-6, "iterations": 100}
            for kind in ("linear", "log_linear")
        },
        "adapt_lm": {
            "cached": {"kind": "cache", "model": "lstm", "weight": 0.1, "theta": 1.0, "window": 50},
            "dynamic": {
                **{"kind": "dynamic", "model": "lstm", "segment": 5, "batch": 100},
                **{"learning_rate": 5e-5, "decay": 0.002, "epsilon": 2e-5},
            },
        },
        "decode": {"lm": lm},
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Make a folder and run all stages up to `evaluate_lm` in it."""
    folder = tmp_path_factory.mktemp("language_models")
    write_json(folder / "params.yaml", small(ROOT / "params.yaml"))  # JSON is YAML
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("acquire", "tokenize"):
            stage(name, "--name", "lm")
        stage("count_ngrams")
        stage("train_lm", "--name", "lstm")
        for smoother in ("mle", "stupid_backoff", "modified_kneser_ney"):
            stage("smooth_ngrams", "--name", smoother)
        for model in ("mle", "stupid_backoff", "modified_kneser_ney", "lstm"):
            stage("generate" if model == "lstm" else "generate_ngram", "--name", model)
            evaluate(model)
        for mixture in ("linear", "log_linear"):
            for name in ("interpolate", "generate_mixture", "evaluate_lm_mixture"):
                stage(name, "--name", mixture)
        for adapted in ("cached", "dynamic"):
            stage("evaluate_lm_adapted", "--name", adapted)
    return folder


@pytest.fixture
def inside(project, monkeypatch):
    monkeypatch.chdir(project)
    return project


def metrics(model):
    return read_json(Path("metrics/lm") / f"{model}.json")


def numbers(value):
    if isinstance(value, dict):
        for part in value.values():
            yield from numbers(part)
    else:
        yield value


def records(model, strategy):
    path = Path("data/generated") / model / f"{strategy}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def test_every_strategy_writes_its_texts(inside):
    strategies = read_section(inside / "params.yaml", "decode.lm.strategies")
    for model in ("mle", "lstm"):
        for name, strategy in strategies.items():
            texts = records(model, name)
            assert len(texts) == (3 if read_strategy(strategy, name).draws else 1)
            assert all(len(text["ids"]) == 40 and text["log_prob"] < 0 for text in texts)
            assert all(text["text"].count("\n") == text["ids"].count(3) for text in texts)


@pytest.mark.parametrize("model", ["modified_kneser_ney", "lstm"])
def test_with_prompts_every_strategy_continues_different_test_lines(inside, tmp_path, model):
    """A text of 40 tokens after 4 tokens of a test line; what is measured afterwards leaves out the prompted line."""
    params = read_json(inside / "params.yaml")
    params["decode"]["lm"]["prompt_tokens"] = 4
    write_json(tmp_path / "params.yaml", params)
    options = ("--name", model, "--params", tmp_path / "params.yaml", "--generated", tmp_path / "texts")
    name, measured = ("generate", "evaluate_lm") if model == "lstm" else ("generate_ngram", "evaluate_lm_ngram")
    stage(name, *options)
    lines = Path("data/raw/lm/test.txt").read_text().splitlines()
    for strategy in params["decode"]["lm"]["strategies"]:
        texts = read_records(tmp_path / "texts" / model / f"{strategy}.jsonl")
        begun = {" ".join(text.text.replace("\n", " \n ").split(" ")[:4]) for text in texts}
        assert len(texts) == len(begun) == len({tuple(text.prompt) for text in texts}) == 3
        assert all(any(line.startswith(f"{words} ") for line in lines) for words in begun)
        assert all(len(text.prompt) == 4 and len(text.ids) == 40 for text in texts)
    places = ("--metrics", tmp_path / "metrics", "--details", tmp_path / "details", "--scores", tmp_path / "scores")
    stage(measured, *options, *places)
    greedy = read_json(tmp_path / f"metrics/{model}.json")["generation"]["greedy"]
    assert (greedy["texts"], greedy["tokens"]) == (3, 3 * 40)


def test_more_prompts_than_beginnings_of_test_lines_are_refused(inside, tmp_path):
    params = read_json(inside / "params.yaml")
    params["decode"]["lm"] |= {"prompt_tokens": 2, "texts": 21}  # the test text has 20 lines
    write_json(tmp_path / "params.yaml", params)
    options = ("--params", tmp_path / "params.yaml", "--generated", tmp_path / "texts")
    assert "decode.lm: texts: expected at most" in stage("generate", "--name", "lstm", *options, code=2)


def test_metrics_are_finite_scalars(inside):
    """DVC drops null and fails on infinity, so neither may occur."""
    for model in ("mle", "stupid_backoff", "modified_kneser_ney", "lstm"):
        for value in numbers(metrics(model)):
            assert isinstance(value, (int, float, str))
            assert not isinstance(value, float) or math.isfinite(value)


def test_every_order_is_scored_and_the_highest_is_the_models(inside):
    result = metrics("modified_kneser_ney")
    assert list(result["orders"]) == ["1", "2", "3"]
    assert result["test"]["line"]["perplexity"] == result["orders"]["3"]["test"]["perplexity"]
    shares = [order["unseen_share"] for order in result["orders"].values()]
    assert shares == sorted(shares) and shares[0] < shares[-1]
    sizes = [order["bytes"] for order in result["orders"].values()]
    assert sizes == sorted(sizes)


def test_a_network_is_scored_in_both_contexts(inside):
    result = metrics("lstm")
    manifest = read_json(inside / "data/tokens/lm/manifest.json")
    for context in ("line", "stream"):
        assert result["test"][context]["tokens"] == manifest["splits"]["test"]["tokens"]
        assert result["test"][context]["perplexity"] < 1.1 * manifest["tokenizer"]["size"]
    assert result["model"]["parameters"] > 0
    assert read_json(inside / "metrics/details/lm/lstm.json")["history"][0]["epoch"] == 1


def test_distances_to_the_floors_add_up(inside):
    """No test word is new, so model = floor + distance, and the interval holds the distance."""
    result = metrics("modified_kneser_ney")
    assert result["text"]["unk"] == 0
    card, floor = result["test"]["line"], result["floors"]["line"]
    assert card["nats"] == pytest.approx(floor["nats"] + card["above_floor_nats"])
    assert card["above_floor_low"] < card["above_floor_nats_per_token"] < card["above_floor_high"]


def test_probability_zero_and_no_distribution_have_no_perplexity(inside):
    mle, stupid = metrics("mle")["test"]["line"], metrics("stupid_backoff")["test"]["line"]
    assert mle["zero_tokens"] > 0 and "perplexity" not in mle
    assert "perplexity" not in stupid and "above_floor_nats" not in stupid


def test_generated_lines_are_tested_by_the_grammar(inside):
    """Only strategies that wrote a whole line have a share. Greedy text repeats itself more than natural text does."""
    shares = [part.get("grammatical_share") for part in metrics("mle")["generation"].values() if part["lines"]]
    assert shares and all(0 <= share <= 1 for share in shares)
    greedy = metrics("lstm")["generation"]["greedy"]
    assert greedy["texts"] == 1
    assert greedy["repeated_4grams"] > metrics("lstm")["natural_text"]["repeated_4grams"]


def test_same_inputs_same_bytes(inside):
    files = ["data/generated/lstm/nucleus.jsonl", "metrics/lm/lstm.json", "metrics/lm/modified_kneser_ney.json"]
    before = [Path(file).read_bytes() for file in files]
    stage("generate", "--name", "lstm")
    for model in ("lstm", "modified_kneser_ney"):
        evaluate(model)
    assert [Path(file).read_bytes() for file in files] == before


def test_scoring_ngrams_never_imports_torch(inside):
    code = (
        "import sys; from typer.testing import CliRunner; from stages.evaluate_lm_ngram import app; "
        "options = ['--name', 'mle', '--metrics', 'elsewhere', '--details', 'elsewhere/details']; "
        "result = CliRunner().invoke(app, options); "
        "assert result.exit_code == 0, result.output; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_leak_fails_the_stage_and_leaves_nothing(inside, tmp_path):
    """With floors ten times too high, every model seems better than is possible."""
    raw = tmp_path / "raw"
    source = read_json(inside / "data/raw/lm/source.json")
    source["test"]["stream_floor_nats"] *= 10
    with new_folder(raw, CORPUS) as part:
        write_json(part / "source.json", source)
        for name in ("test.txt", "test.floor.npy", "valid.floor.npy"):
            (part / name).write_bytes((inside / "data/raw/lm" / name).read_bytes())
    for model in ("modified_kneser_ney", "lstm"):
        output = evaluate(model, "--raw", raw, "--metrics", tmp_path / "metrics", code=1)
        assert "leak: " + model in output
    assert not (tmp_path / "metrics").exists()
    # Scores of stupid back-off may sum to more than one, so they have no floor.
    evaluate("stupid_backoff", "--raw", raw, "--metrics", tmp_path / "metrics", "--details", tmp_path)


@pytest.mark.parametrize("model", ["mle", "stupid_backoff", "modified_kneser_ney", "lstm"])
def test_the_scores_of_the_lines_add_up_to_the_metrics(inside, model):
    metrics, scores = read_json(Path("metrics/lm") / f"{model}.json"), read_line_scores(Path("data/scores/lm") / model)
    assert list(scores.nats) == (["line", "stream"] if model == "lstm" else ["line"])
    assert scores.text_sha256 == metrics["text"]["sha256"]
    assert scores.tokenizer_sha256 == metrics["tokenizer"]["sha256"]
    assert scores.tokens.sum() == metrics["text"]["tokens"] and len(scores.tokens) == metrics["text"]["lines"]
    for context, nats in scores.nats.items():
        card = metrics["test"][context]
        assert scores.zeros[context].sum() == card["zero_tokens"]
        if not card["zero_tokens"]:
            per_token = card["nats_per_token"] if "perplexity" in card else card["mean_score_nats"]
            assert nats.sum() == pytest.approx(per_token * card["tokens"])
        assert (nats > 0).all()
    assert read_json(Path("metrics/lm/mle.json"))["test"]["line"]["zero_tokens"] > 0


@pytest.mark.parametrize(("name", "model"), [("generate", "mle"), ("generate_ngram", "lstm")])
def test_a_stage_refuses_the_models_of_the_other_family(inside, tmp_path, name, model):
    output = stage(name, "--name", model, "--generated", tmp_path / "texts", code=2)
    assert output.startswith("error: models/lm/") and output.count("\n") == 1
    assert not (tmp_path / "texts").exists()


@pytest.mark.parametrize(("name", "others"), [("generate", "gradus.ngram"), ("generate_ngram", "gradus.networks")])
def test_an_edit_of_one_family_generates_nothing_of_the_other(name, others):
    """DVC runs a stage again when a module that it imports has changed."""
    assert not [module for module in reached(f"stages.{name}") if module.startswith(others)]


def test_wrong_tokenizer_is_refused(inside, tmp_path):
    write_text(tmp_path / "params.yaml", (inside / "params.yaml").read_text())
    write_json(tmp_path / "other.json", {})
    other = read_section(inside / "params.yaml", "tokenize")
    other["lm"] = {"kind": "word", "min_count": 3}
    write_json(tmp_path / "params.yaml", {"numerics": "portable", "tokenize": other})
    stage("tokenize", "--name", "lm", "--tokens", tmp_path / "tokens", "--params", tmp_path / "params.yaml")
    tokens = ("--tokens", tmp_path / "tokens" / "lm")
    for output in (
        evaluate("lstm", *tokens, code=2),
        evaluate("mle", *tokens, code=2),
    ):
        assert "expected the tokenizer of" in output


def test_no_such_model(inside):
    for arguments in (("complete", "models/lm/nope"), ("score", "models/lm/nope", "data/raw/lm/test.txt")):
        assert "no folder" in gradus(*arguments, code=2)
    for name in ("evaluate_lm", "evaluate_lm_ngram"):
        assert "no folder" in stage(name, "--name", "nope", code=2)


def test_complete_goes_on_from_the_prompt(inside):
    prompt = " ".join(Path("data/raw/lm/train.txt").read_text().split()[:2])
    for model in ("modified_kneser_ney", "lstm"):
        for strategy, count in (("nucleus", 3), ("sample", 3), ("top_k", 3), ("greedy", 1), ("beam", 1)):
            lines = gradus("complete", f"models/lm/{model}", prompt, "--strategy", strategy).splitlines()
            assert len(lines) == count
            assert all(line.startswith(prompt) for line in lines)
    assert "known words" in gradus("complete", "models/lm/lstm", "xyzzy", code=2)


def test_score_agrees_with_the_stage(inside):
    """Both score the test text line by line, so perplexities agree; and lines add up to the text."""
    for model in ("modified_kneser_ney", "lstm"):
        output = dict(
            line.split(": ") for line in gradus("score", f"models/lm/{model}", "data/raw/lm/test.txt").splitlines()
        )
        assert float(output["perplexity"]) == pytest.approx(metrics(model)["test"]["line"]["perplexity"], rel=1e-5)
        result = CliRunner().invoke(
            __import__("gradus.cli.main", fromlist=["app"]).app,
            ["score", f"models/lm/{model}", "data/raw/lm/test.txt", "--by-line"],
        )
        heading, *rows = [line.split("\t") for line in result.stdout.splitlines()]
        assert heading == ["nats", "tokens", "oov", "perplexity", "perplexity_without_oov", "text"]
        costs = [float(row[0]) for row in rows]
        assert len(costs) == 20 and sum(int(row[1]) for row in rows) == metrics(model)["test"]["line"]["tokens"]
        assert sum(costs) == pytest.approx(metrics(model)["test"]["line"]["nats"], rel=1e-5)


@pytest.mark.parametrize("mixture", ["linear", "log_linear"])
def test_a_mixture_goes_through_all_stages_and_commands(inside, mixture):
    """On the text of the fit it is at least as good as both of its models, in both contexts."""
    result, folder = metrics(mixture), f"models/mixtures/{mixture}"
    assert result["kind"] == mixture and result["model"]["models"] == ["lstm", "modified_kneser_ney"]
    for context, score in result["valid"].items():
        assert sum(result["model"]["weights"][context]) == pytest.approx(1)
        single = [metrics("lstm")["valid"][context], metrics("modified_kneser_ney")["valid"]["line"]]
        assert score["nats"] <= min(model["nats"] for model in single) + 1e-3
        assert result["test"][context]["above_floor_nats"] > 0
    assert set(read_line_scores(Path("data/scores/lm") / mixture).nats) == {"line", "stream"}
    assert set(result["generation"]) == set(read_section(inside / "params.yaml", "decode.lm.strategies"))
    output = dict(line.split(": ") for line in gradus("score", folder, "data/raw/lm/test.txt").splitlines())
    assert float(output["perplexity"]) == pytest.approx(result["test"]["line"]["perplexity"], rel=1e-5)
    prompt = " ".join(Path("data/raw/lm/train.txt").read_text().split()[:2])
    assert all(line.startswith(prompt) for line in gradus("complete", folder, prompt).splitlines())
    assert "expected an n-gram model" in gradus("score", folder, "data/raw/lm/test.txt", "--order", 2, code=2)
    listed = {line.split("\t")[0]: line.split("\t") for line in gradus("models").splitlines()}
    assert listed[folder][1] == f"{mixture} mixture"
    assert float(listed[folder][5]) == pytest.approx(result["test"]["line"]["perplexity"])


def test_the_same_models_give_the_same_mixture(inside):
    before = Path("models/mixtures/log_linear/gradus.seal").read_bytes()
    stage("interpolate", "--name", "log_linear")
    assert Path("models/mixtures/log_linear/gradus.seal").read_bytes() == before


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (["lstm", "gru"], "models: expected names of smoothers and networks (mle, stupid_backoff, mo"),
        (["lstm"], "models: expected at least 2"),
        (["lstm", "mle", "lstm"], "models: expected each model once, found lstm twice"),
        (["lstm", "stupid_backoff"], "found stupid_backoff (stupid_backoff), whose scores do not sum to one"),
    ],
)
def test_a_mixture_of_wrong_models_is_refused_with_one_line(inside, tmp_path, models, message):
    params = read_json(inside / "params.yaml")
    params["interpolate"]["linear"]["models"] = models
    write_json(tmp_path / "params.yaml", params)
    places = ("--params", tmp_path / "params.yaml", "--mixtures", tmp_path / "mixtures")
    output = stage("interpolate", "--name", "linear", *places, code=2)
    assert message in output and output.count("\n") == 1
    assert not list((tmp_path / "mixtures").glob("*"))


@pytest.mark.parametrize(("name", "kind"), [("cached", "cache"), ("dynamic", "dynamic")])
def test_a_network_that_adapts_has_a_row_of_its_own(inside, name, kind):
    result, static = metrics(name), metrics("lstm")
    settings = read_section(inside / "params.yaml", f"adapt_lm.{name}")
    assert (result["kind"], result["model"]["network"], result["model"]["kind"]) == (kind, "lstm", "lstm")
    assert result["model"]["settings"] == {key: settings[key] for key in settings if key not in ("kind", "model")}
    assert result["model"]["parameters"] == static["model"]["parameters"]
    assert list(result["test"]) == list(result["valid"]) == ["stream"]
    for text in ("valid", "test"):
        score = result[text]["stream"]
        assert score["tokens"] == static[text]["stream"]["tokens"] and score["nats"] != static[text]["stream"]["nats"]
        assert score["above_floor_nats"] > 0
    assert set(read_line_scores(Path("data/scores/lm") / name).nats) == {"stream"}
    assert not (Path("metrics/details/lm") / f"{name}.json").exists()


@pytest.mark.parametrize("name", ["cached", "dynamic"])
def test_a_network_that_adapts_stays_as_it_is_and_gives_the_same_bytes_again(inside, name):
    places = [Path(f"metrics/lm/{name}.json"), *sorted(Path("data/scores/lm", name).iterdir())]
    before = [path.read_bytes() for path in [*places, Path("models/lm/lstm/weights.safetensors")]]
    stage("evaluate_lm_adapted", "--name", name)
    assert [path.read_bytes() for path in [*places, Path("models/lm/lstm/weights.safetensors")]] == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "katz"}, "adapt_lm.cached.model: expected the name of a network (lstm), found katz"),
        ({"model": "linear"}, "adapt_lm.cached.model: expected the name of a network (lstm), found linear"),
        ({"kind": "memory"}, "adapt_lm.cached.kind: expected one of 'cache', 'dynamic', found 'memory'"),
        ({"weight": 1.0}, "adapt_lm.cached.weight: expected "),
        ({"temperature": 1.5}, "adapt_lm.cached.temperature: expected a known key"),
    ],
)
def test_wrong_settings_of_a_network_that_adapts_are_refused_with_one_line(inside, tmp_path, change, message):
    params = read_json(inside / "params.yaml")
    params["adapt_lm"]["cached"] |= change
    write_json(tmp_path / "params.yaml", params)
    places = ("--params", tmp_path / "params.yaml", "--metrics", tmp_path, "--scores", tmp_path)
    output = stage("evaluate_lm_adapted", "--name", "cached", *places, code=2)
    assert message in output and output.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]


def test_score_by_order(inside):
    for order, entry in metrics("modified_kneser_ney")["orders"].items():
        output = gradus("score", "models/lm/modified_kneser_ney", "data/raw/lm/test.txt", "--order", order)
        assert f"perplexity: {entry['test']['perplexity']:.6f}" in output
    assert "expected an n-gram model" in gradus("score", "models/lm/lstm", "data/raw/lm/test.txt", "--order", 2, code=2)
