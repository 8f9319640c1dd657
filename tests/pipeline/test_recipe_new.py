"""gradus recipe new and show, against the params.yaml of this repository."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.params import read_file
from gradus.pipeline.overlay import overlay
from gradus.pipeline.recipe import read_recipe

Run = Callable[..., str]


@pytest.fixture
def new(tmp_path: Path) -> Run:
    """Return a function that runs `gradus recipe new tales` with folders of the test, and returns what it prints."""
    (tmp_path / "own/tales").mkdir(parents=True)
    (tmp_path / "own/tales/text.txt").write_text("".join(f"line {number}\n" for number in range(40)))
    for side in ("src", "tgt"):
        (tmp_path / f"own/tales/text.{side}").write_text("".join(f"{side} {number}\n" for number in range(40)))

    def run(*options: str, code: int = 0, name: str = "tales") -> str:
        folders = ["--own", str(tmp_path / "own"), "--experiments", str(tmp_path)]
        outcome = CliRunner().invoke(app, ["recipe", "new", name, *options, *folders])
        assert outcome.exit_code == code, outcome.output
        return outcome.output

    return run


def params(tmp_path: Path) -> dict[str, Any]:
    """Return the parameters of the new recipe's run."""
    return overlay(read_file(Path("params.yaml"), dict), read_recipe("tales", tmp_path).params)


def test_a_recipe_runs_the_chosen_models_on_the_chosen_text(new: Run, tmp_path: Path) -> None:
    printed = new("--corpus", "tales", "--language", "no", "--tokenizer", "bpe", "--models", "lstm, katz")
    assert "train 36 lines, valid 2 lines, test 2 lines" in printed
    assert "gradus recipe run tales" in printed
    run, base = params(tmp_path), read_file(Path("params.yaml"), dict)
    assert read_recipe("tales", tmp_path).tracks == ["lm"]
    assert run["acquire"]["lm"] == {"corpus": "tales", "language": "no"}  # text, though YAML 1.1 reads it as false
    assert run["tokenize"]["lm"] == {"kind": "bpe", "size": 4000}
    assert (run["smooth_ngrams"], run["train_lm"]) == (
        {"katz": base["smooth_ngrams"]["katz"]},
        {"lstm": base["train_lm"]["lstm"]},
    )
    assert run["interpolate"] == {}  # no mixture was chosen
    untouched = base.keys() - {"acquire", "tokenize", "smooth_ngrams", "train_lm", "interpolate"}
    assert {key: run[key] for key in untouched} == {key: base[key] for key in untouched}


def test_the_commented_examples_are_valid_recipes(new: Run, tmp_path: Path) -> None:
    new("--corpus", "tales", "--models", "lstm,katz")
    path = tmp_path / "tales.yaml"
    text = path.read_text()
    examples = [line.split("  ")[0] for line in text.split("  #   ")[1:] if line.startswith("lstm")]
    assert examples == ["lstm: {training: {epochs: 8}}", "lstm_2: {like: lstm, training: {epochs: 8}}"]
    networks, mixtures, rest = text.partition("  interpolate:")
    path.write_text(networks + "".join(f"    {line}\n" for line in examples) + mixtures + rest)
    run = params(tmp_path)["train_lm"]
    assert [run[name]["training"]["epochs"] for name in ("lstm", "lstm_2")] == [8, 8]
    assert run["lstm"]["network"] == run["lstm_2"]["network"]


@pytest.mark.parametrize("models", ["modified_kneser_ney", "lstm", ""])
def test_every_choice_of_models_is_read_back(new: Run, tmp_path: Path, models: str) -> None:
    new("--corpus", "builtin", "--models", models)
    names = [*params(tmp_path)["smooth_ngrams"], *params(tmp_path)["train_lm"]]
    assert names == [models] if models else len(names) > 10


def test_a_mixture_runs_if_it_is_chosen_together_with_its_models(new: Run, tmp_path: Path) -> None:
    new("--corpus", "builtin", "--models", "lstm,modified_kneser_ney,lstm_5gram")
    assert list(params(tmp_path)["interpolate"]) == ["lstm_5gram"]
    new("--corpus", "builtin", "--models", "lstm,modified_kneser_ney", "--force")
    assert params(tmp_path)["interpolate"] == {}


def test_translation_and_both_tracks(new: Run, tmp_path: Path) -> None:
    new("--corpus", "tales", "--src", "en", "--tgt", "ja", "--models", "attention", "--tokenizer", "char")
    assert read_recipe("tales", tmp_path).tracks == ["mt"]
    assert list(params(tmp_path)["train_mt"]) == ["attention"]
    assert params(tmp_path)["tokenize"]["mt"] == {"kind": "char", "joint": True}
    new("--corpus", "multi30k", "--tracks", "mt,lm", "--language", "cs", "--models", "transformer,gru", "--force")
    assert read_recipe("tales", tmp_path).tracks == ["lm", "mt"]
    run = params(tmp_path)
    assert (list(run["train_lm"]), list(run["train_mt"])) == (["gru", "transformer"], ["transformer"])
    assert run["acquire"]["mt"] == {"corpus": "multi30k", "src": "en", "tgt": "de"}


def test_a_file_is_replaced_only_if_gradus_wrote_it_and_with_force(new: Run, tmp_path: Path) -> None:
    new("--corpus", "builtin")
    assert "use --force" in new("--corpus", "tales", code=2)
    new("--corpus", "tales", "--force")
    assert params(tmp_path)["acquire"]["lm"]["corpus"] == "tales"
    (tmp_path / "tales.yaml").write_text("description: mine\n")
    assert "a file or folder that gradus did not write" in new("--corpus", "tales", "--force", code=2)
    assert (tmp_path / "tales.yaml").read_text() == "description: mine\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--corpus", "nowhere"], "--corpus: expected builtin, multi30k,"),
        (["--corpus", "../tales"], "--corpus: expected a name"),
        (["--corpus", "multi30k", "--language", "ja"], "--language: expected a language of multi30k (en, de, fr, cs)"),
        (["--corpus", "builtin", "--src", "en", "--tgt", "fr"], "--tgt: expected a language of builtin (en, de)"),
        (["--corpus", "builtin", "--src", "de", "--tgt", "de"], "two different languages"),
        (["--corpus", "builtin", "--models", "attention"], "--models: expected models of the track lm (mle, laplace"),
        (["--corpus", "builtin", "--tracks", "lm,mt", "--models", "rnn"], "--models: expected a model of the track mt"),
        (["--corpus", "builtin", "--tracks", "lm,tm"], "--tracks: expected lm, mt or lm,mt, found 'lm,tm'"),
        (["--corpus", "builtin", "--models", "lstm_5gram,lstm"], "expected the models of lstm_5gram too (modified_"),
        (["--corpus", "builtin", "--size", "50"], "--size: expected a tokenizer of kind unigram or bpe"),
        (["--corpus", "ptb"], "own/ptb: expected a folder name that no other corpus has"),
        (["--corpus", "broken"], "broken/text.txt: line 3: expected UTF-8"),
    ],
)
def test_wrong_choices_are_refused_and_write_nothing(
    new: Run, tmp_path: Path, options: list[str], message: str
) -> None:
    (tmp_path / "own/broken").mkdir()
    (tmp_path / "own/ptb").mkdir()
    (tmp_path / "own/broken/text.txt").write_bytes(b"one\ntwo\n\xff\n" * 20)
    assert message in new(*options, code=2)
    assert not list(tmp_path.glob("*.yaml"))


def test_an_improper_name_is_refused(new: Run) -> None:
    assert "NAME: expected a name" in new("--corpus", "builtin", name="../x", code=2)


def test_show_says_what_runs_and_what_differs(new: Run, tmp_path: Path) -> None:
    new("--corpus", "tales", "--models", "lstm,katz")
    outcome = CliRunner().invoke(app, ["recipe", "show", "tales", "--experiments", str(tmp_path)])
    lines = outcome.output.splitlines()
    assert lines[:4] == [
        "tales: Language models of tales",
        "models of the track lm: katz, lstm",
        "changes of params.yaml:",
        "  acquire.lm.corpus: tales instead of builtin",
    ]
    assert "  train_lm: without ffnn, rnn, gru, min_gru, transformer" in lines
    assert lines[-1] == "no results yet; gradus recipe run tales runs it"


def test_show_prints_the_results_of_a_recipe_that_ran() -> None:
    printed = CliRunner().invoke(app, ["recipe", "show", "seeds"]).output
    assert "models of the track mt: plain, attention, transformer" in printed
    assert "modified_kneser_ney" in printed and "±" in printed


def test_show_compares_a_new_model_with_the_one_it_is_like() -> None:
    lines = CliRunner().invoke(app, ["recipe", "show", "variants"]).output.splitlines()
    assert "  train_lm.lstm_chunk_8: new, like lstm" in lines
    assert "  train_lm.lstm_chunk_8.training.chunk: 8 instead of 32" in lines
    assert "  train_lm.min_gru.network.layers: 1 instead of 2" in lines
