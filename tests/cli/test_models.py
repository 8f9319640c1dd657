"""gradus models lists every model in a folder, with the score that the repository has recorded for it."""

import json
import shutil

import pytest
from command_line import ROOT, gradus
from terminal import Terminal

from gradus.artifacts.seals import write_seal
from gradus.families.catalogue import NETWORK, NGRAMS, DamagedEntry, list_models
from gradus.ngram.scoring.storage import MODELS
from gradus.weights import NETWORK as TRAINED

COLUMNS = ["folder", "kind", "order", "corpus", "measure", "score", "bytes", "problem"]


@pytest.fixture
def repository(models, tmp_path, monkeypatch):
    """Make a repository whose two language models and one translation model have results."""
    for name, place in (("ngram", "lm/bigrams"), ("lstm", "lm/small"), ("mt", "mt/plain"), ("stupid", "stupid")):
        shutil.copytree(models / name, tmp_path / "models" / place)
    record(tmp_path, "lm", "bigrams", "katz", corpus="own", **facts(tmp_path / "models/lm/bigrams"))
    record(tmp_path, "lm", "small", "lstm", corpus="own", **facts(tmp_path / "models/lm/small"))
    record(tmp_path, "mt", "plain", "attention", corpus="own", **facts(tmp_path / "models/mt/plain"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def facts(folder):
    """Return what a result says about its model: tokenizer, kind and size."""
    manifest = folder / "manifest.json"
    about = json.loads((manifest if manifest.exists() else folder / "config.json").read_text())
    sha256 = about["tokenizer_sha256"]
    tokenizer = {"kind": "word", "size": 7, "sha256": sha256 if isinstance(sha256, str) else sha256["src"]}
    if "orders" in about:
        size = {"order": 2, "entries": about["orders"]["2"]["stored"], "bytes": 1}
        return {"kind": about["kind"], "tokenizer": tokenizer, "model": size}
    return {"kind": about["network"]["kind"], "tokenizer": tokenizer, "model": {"parameters": about["parameters"]}}


def record(repository, track, name, like, **changes):
    """Write a result that differs from a result of the project in some keys."""
    result = json.loads((ROOT / "metrics" / track / f"{like}.json").read_text())
    path = repository / "metrics" / track / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result | changes))


def rows(*arguments):
    """Return the rows of `gradus models` in a pipe, as dicts."""
    heading, *lines = gradus("models", *arguments).stdout.splitlines()
    assert heading.split("\t") == COLUMNS
    return [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines]


def test_every_model_is_a_row_with_its_recorded_score(repository):
    found = {row["folder"]: row for row in rows()}
    assert list(found) == ["models/lm/bigrams", "models/lm/small", "models/mt/plain", "models/stupid"]
    bigrams, small, plain, stupid = found.values()
    katz = json.loads((ROOT / "metrics/lm/katz.json").read_text())
    assert (bigrams["kind"], bigrams["order"], bigrams["corpus"]) == ("modified_kneser_ney", "2", "own")
    assert float(bigrams["score"]) == katz["test"]["line"]["perplexity"]
    assert (small["kind"], small["measure"], plain["kind"], plain["measure"]) == ("lstm", "perplexity", "gru", "BLEU")
    assert 0 < float(plain["score"]) <= 100
    assert (stupid["kind"], stupid["corpus"], stupid["score"]) == ("stupid_backoff", "", "")
    files = [path for path in (repository / "models/lm/small").rglob("*") if path.is_file()]
    assert int(small["bytes"]) == sum(path.stat().st_size for path in files if path.name != "gradus.seal")


def test_a_score_of_another_model_is_not_shown(repository):
    model = repository / "models/lm/bigrams"
    own = facts(model)
    for changes in (
        {"kind": "katz"},
        {"model": own["model"] | {"entries": own["model"]["entries"] + 1}},
        {"tokenizer": own["tokenizer"] | {"sha256": "0" * 64}},
    ):
        record(repository, "lm", "bigrams", "katz", corpus="own", **(own | changes))
        assert rows("models/lm/bigrams")[0]["score"] == ""
    (model / "corpus.json").write_text('{"corpus": "another", "languages": ["en"]}')
    record(repository, "lm", "bigrams", "katz", corpus="own", **own)
    (row,) = rows("models/lm/bigrams")
    assert (row["corpus"], row["score"]) == ("another", "")
    (repository / "metrics/lm/bigrams.json").write_text("{}")
    assert rows("models/lm/bigrams")[0]["score"] == ""


@pytest.mark.parametrize("name", ["gradus.seal", "config.json", "weights.safetensors"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff"])
def test_a_damaged_folder_is_a_row_that_says_so(repository, name, content):
    path = repository / "models/lm/small" / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    damaged = [row for row in rows() if row["kind"] == "damaged"]
    assert [row["folder"] for row in damaged] == ["models/lm/small"]
    assert "expected " in damaged[0]["problem"]


@pytest.mark.parametrize("content", ["{}", '{"network": 1}', '{"network": {}, "parameters": -1}', "[]"])
def test_a_description_of_wrong_values_under_a_right_seal_is_damaged(repository, content):
    folder = repository / "models/lm/small"
    (folder / "config.json").write_text(content)
    (folder / "gradus.seal").unlink()
    write_seal(folder, TRAINED)
    assert [isinstance(entry, DamagedEntry) for entry in list_models(folder)] == [True]


def test_a_terminal_of_80_columns_shows_a_row_per_model(repository):
    (repository / "models/stupid/words.npy").unlink()
    terminal = Terminal("models")
    assert terminal.end() == 0
    lines = terminal.plain().splitlines()
    assert max(map(len, lines[:-2])) <= 80
    for folder in ("models/lm/bigrams", "models/lm/small", "models/mt/plain"):
        assert sum(line.startswith(f"{folder} ") for line in lines) == 1
    assert lines[-2] == "Damaged folders" and lines[-1].startswith("models/stupid: ")


def test_other_folders_are_left_out(repository):
    (repository / "models/other").mkdir()
    (repository / "models/other/config.json").write_text("{}")
    (repository / "models/counts").mkdir()
    (repository / "models/counts/manifest.json").write_text("{}")
    write_seal(repository / "models/counts", "n-gram counts")
    assert len(rows()) == 4
    for place in ("nowhere", "models/other"):
        assert "expected a folder with models" in gradus("models", place, code=2).stderr


def test_kinds_are_those_of_the_seals():
    assert (NGRAMS, NETWORK) == (MODELS, TRAINED)
