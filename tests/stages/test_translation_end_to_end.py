"""Translate, evaluate_mt and `gradus translate` on a few sentence pairs."""

import json
from pathlib import Path

import pytest
import sacrebleu
from typer.testing import CliRunner

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_folder, write_text
from gradus.corpora.files import CORPUS
from gradus.evaluation.translation_models.bleu import bleu_of
from gradus.evaluation.translation_models.sentence_scores import read_sentence_scores
from gradus.params import read_section

ROOT = Path(__file__).parents[2]
WORDS = {"the": "die", "cat": "Katze", "sees": "sieht", "a": "eine", "mouse": "Maus", "and": "und", "sleeps": "schläft"}
SENTENCES = [
    "the cat sleeps",
    "the cat sees a mouse",
    "a mouse sees the cat and sleeps",
    "the mouse sleeps and the cat sees a mouse",
]
COMMON = {"layers": 1, "dropout": 0.0, "tied": False}
RECURRENT = {"kind": "recurrent", "cell": "gru", "bidirectional": True, "embedding": 32, "hidden": 32, "packed": False}
NETWORKS = {
    "plain": RECURRENT | COMMON | {"attention": "none"},
    "attention": RECURRENT | COMMON | {"attention": {"score": "general", "position": "after"}},
}


def run(app, *arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


def stage(name, *arguments, code=0):
    return run(__import__(f"stages.{name}", fromlist=["app"]).app, *arguments, code=code)


def gradus(*arguments, code=0):
    from gradus.cli.main import app

    return run(app, *arguments, code=code)


def translate_words(sentence):
    return " ".join(WORDS[word] for word in sentence.split())


def small(params):
    """Return the project's parameters with models small enough for four sentences."""
    training = {**read_section(params, "train_mt.attention.training"), "epochs": 60, "warmup_steps": 0, "patience": 60}
    decode = {**read_section(params, "decode.mt"), "max_length": 20, "batch": 2}
    return {
        "seed": 1,
        "threads": 1,
        "processes": 1,
        "numerics": "portable",
        "device": "cpu",
        "tokenize": {"mt": {"kind": "word", "min_count": 1, "joint": False}},
        "train_mt": {
            name: {"network": network, "training": training | {"learning_rate": 0.01, "batch_tokens": 40}}
            for name, network in NETWORKS.items()
        },
        "decode": {"mt": decode},
        "evaluate_mt": {"min_pairs": 3, "batch_tokens": 30},
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Make a folder, learn four sentences by heart, translate and evaluate them and one new sentence."""
    folder = tmp_path_factory.mktemp("translation")
    write_json(folder / "params.yaml", small(ROOT / "params.yaml"))  # JSON is YAML
    texts = {
        "train": SENTENCES * 4,
        "valid": SENTENCES,
        "test": [*SENTENCES, "a cat sleeps and a mouse sees the mouse"],
    }
    source = {"corpus": "cats", "src": "en", "tgt": "de", "test_lines_seen_in_training": 4}
    with new_folder(folder / "data/raw/mt", CORPUS) as raw:
        for split, lines in texts.items():
            write_text(raw / f"{split}.src", "".join(f"{line}\n" for line in lines))
            write_text(raw / f"{split}.tgt", "".join(f"{translate_words(line)}\n" for line in lines))
        write_json(raw / "source.json", source)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        stage("tokenize", "--name", "mt")
        for model in NETWORKS:
            for name in ("train_mt", "translate", "evaluate_mt"):
                stage(name, "--name", model)
    return folder


@pytest.fixture
def inside(project, monkeypatch):
    monkeypatch.chdir(project)
    return project


def metrics(model):
    return read_json(Path("metrics/mt") / f"{model}.json")


def lines(path):
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def translations(model, strategy):
    return [json.loads(line) for line in lines(Path("data/translated") / model / f"{strategy}.jsonl")]


def test_sentences_learned_by_heart_are_translated_in_their_order(inside):
    for strategy in ("greedy", "beam"):
        found = [record["text"] for record in translations("attention", strategy)]
        assert found[:4] == [translate_words(line) for line in SENTENCES]


def test_bleu_is_sacrebleus_own_of_the_stored_text(inside):
    references = lines(inside / "data/raw/mt/test.tgt")
    for model in NETWORKS:
        for strategy, scores in metrics(model)["strategies"].items():
            hypotheses = [record["text"] for record in translations(model, strategy)]
            assert scores["bleu"] == sacrebleu.corpus_bleu(hypotheses, [references], force=True).score
            assert scores["chrf"] == sacrebleu.corpus_chrf(hypotheses, [references]).score
            assert scores["exact_match"] == sum(map(str.__eq__, hypotheses, references)) / 5


def test_pairs_of_the_training_text_are_counted(inside):
    text = metrics("attention")["text"]
    assert (text["pairs"], text["pairs_seen_in_training"], text["sources_seen_in_training"]) == (5, 4, 4)


def test_groups_by_source_length_are_scored_where_large_enough(inside):
    """All five sources have 3 to 9 words."""
    groups = metrics("attention")["strategies"]["greedy"]["by_source_length"]
    assert [group["pairs"] for group in groups.values()] == [5, 0, 0, 0]
    assert groups["1-10"]["bleu"] == metrics("attention")["strategies"]["greedy"]["bleu"]
    assert "bleu" not in groups["31+"]


def test_teacher_forced_scores_stand_beside_free_running_ones(inside):
    """Four of the five sentences were learned by heart, so most tokens are predicted."""
    result = metrics("attention")
    manifest = read_json(inside / "data/tokens/mt/manifest.json")
    assert result["teacher_forced"]["tokens"] == manifest["splits"]["test.tgt"]["tokens"]
    assert result["teacher_forced"]["token_accuracy"] > 0.7
    assert 0 < result["strategies"]["greedy"]["token_accuracy"] <= 1
    assert result["strategies"]["beam"]["nats_per_token"] > 0


def test_attention_is_kept_as_distributions_over_the_source(inside):
    pictures = read_json(inside / "metrics/details/mt/attention.json")["attention"]
    assert len(pictures) >= 1
    for picture in pictures:
        assert picture["src"][-1] == "</s>"
        assert len(picture["weights"]) == len(picture["tgt"])
        for weights in picture["weights"]:
            assert len(weights) == len(picture["src"])
            assert sum(weights) == pytest.approx(1, abs=1e-3)
    assert read_json(inside / "metrics/details/mt/plain.json")["attention"] == []


def test_same_inputs_same_bytes(inside):
    files = [inside / "data/translated/attention/beam.jsonl", inside / "metrics/mt/attention.json"]
    before = [file.read_bytes() for file in files]
    stage("translate", "--name", "attention")
    stage("evaluate_mt", "--name", "attention")
    assert [file.read_bytes() for file in files] == before


def test_command_translates_as_the_stage_does(inside):
    printed = gradus("translate", "models/mt/attention", "data/raw/mt/test.src", "--max-length", 20).splitlines()
    assert printed == [record["text"] for record in translations("attention", "beam")]


def test_a_blank_line_has_an_empty_translation(inside, tmp_path):
    line = Path("data/raw/mt/test.src").read_text(encoding="utf-8").split("\n")[0]
    write_text(tmp_path / "text", f"{line}\n\n{line}\n")
    first, blank, last = gradus("translate", "models/mt/attention", tmp_path / "text", "--max-length", 20).splitlines()
    assert first == last and not blank


def test_tokens_of_another_tokenizer_are_refused(inside, tmp_path):
    params = read_section(inside / "params.yaml", "tokenize")
    params["mt"]["min_count"] = 12
    write_json(tmp_path / "params.yaml", {"numerics": "portable", "tokenize": params})
    stage("tokenize", "--name", "mt", "--tokens", tmp_path / "tokens", "--params", tmp_path / "params.yaml")
    assert "expected the tokenizer of" in stage(
        "translate", "--name", "plain", "--tokens", tmp_path / "tokens/mt", code=2
    )


def test_the_statistics_of_the_sentences_add_up_to_the_metrics(inside):
    for model in NETWORKS:
        scores = read_sentence_scores(inside / "data/scores/mt" / model)
        assert scores.text_sha256 == metrics(model)["text"]["sha256"]
        assert list(scores.statistics) == list(metrics(model)["strategies"])
        for strategy, statistics in scores.statistics.items():
            assert len(statistics) == metrics(model)["text"]["pairs"]
            assert bleu_of(statistics.sum(axis=0)) == metrics(model)["strategies"][strategy]["bleu"]


def test_translations_of_another_text_are_refused(inside, tmp_path):
    with new_folder(tmp_path / "raw", CORPUS) as raw:
        for name in ("test.src", "test.tgt", "train.src", "source.json"):
            content = (inside / "data/raw/mt" / name).read_text(encoding="utf-8")
            write_text(raw / name, content + ("the cat sleeps\n" if name.startswith("test") else ""))
    output = stage(
        "evaluate_mt", "--name", "plain", "--raw", tmp_path / "raw", "--metrics", tmp_path / "metrics", code=2
    )
    assert "raw/test.tgt: expected 5 lines, as in data/tokens/mt, found 6" in output
    assert not (tmp_path / "metrics").exists()
