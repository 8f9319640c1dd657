"""A corpus that was added by name flows through the pipeline, and its faults are refused."""

import gzip
import json
import shutil
from pathlib import Path

import pytest
from clones import Clone, set_params, stages_run

from gradus.params import read_file
from gradus.pipeline.dvc import environment
from gradus.pipeline.overlay import overlay
from tests.repositories import IDENTITY

TEXTS = {"ja": "猫が寝ている。", "cs": "Kočka spí žlutě."}
LINES = {"train": 30, "valid": 5, "test": 5}
STAGES = ("acquire@mt", "tokenize@mt")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Return a clone in which the corpus `cats` is registered and chosen for translation."""
    root = tmp_path_factory.mktemp("registered")
    site = {"DVC_SITE_CACHE_DIR": str(root / "site"), "GRADUS_CORPORA": str(root / "corpora")}
    clone = Clone(Path.cwd(), environment() | IDENTITY | site | {"PYTHONDONTWRITEBYTECODE": "1"}).cloned(root / "clone")
    (root / "texts").mkdir()
    for split, lines in LINES.items():
        for language, text in TEXTS.items():
            data = "".join(f"{text} {number}\n" for number in range(lines)).encode()
            (root / "texts" / f"{split}.{language}.gz").write_bytes(gzip.compress(data, mtime=0))
    add = ("corpus", "add", "cats", "--language", "ja", "--language", "cs", "--from", str(root / "texts"))
    clone.gradus(*add, "--terms", "CC0")
    shutil.rmtree(root / "texts")
    cats = {"acquire": {"mt": {"corpus": "cats", "src": "cs", "tgt": "ja"}}}
    set_params(clone, overlay(read_file(clone.path / "params.yaml", dict), cats))
    return clone


def folder(clone: Clone) -> Path:
    entry = read_file(clone.path / "corpora.yaml", dict)["corpora"]["cats"]
    return Path(clone.variables["GRADUS_CORPORA"], entry["folder"])


def test_the_corpus_becomes_tokens_and_a_second_run_does_nothing(project: Clone) -> None:
    assert stages_run(project.dvc("repro", "--single-item", *STAGES)) == set(STAGES)
    raw = project.path / "data/raw/mt"
    assert (raw / "train.tgt").read_text() == "".join(f"{TEXTS['ja']} {number}\n" for number in range(30))
    about = json.loads((raw / "source.json").read_text())
    assert (about["terms"], about["src"], about["test"]) == ("CC0", "cs", {"lines": 5})
    assert stages_run(project.dvc("repro", "--single-item", *STAGES)) == set()


def test_another_corpus_runs_acquire_again_and_nothing_after_it(project: Clone) -> None:
    project.dvc("repro", "--single-item", *STAGES)
    text = project.path.parent / "one.txt"
    text.write_text("the cat sleeps\n" * 20)
    project.gradus("corpus", "add", "one", "--language", "en", "--from", str(text), "--terms", "CC0")
    assert stages_run(project.dvc("repro", "--single-item", *STAGES)) == {"acquire@mt"}
    project.gradus("corpus", "remove", "one")
    assert stages_run(project.dvc("repro", "--single-item", *STAGES)) == set()


def test_a_changed_and_a_missing_file_are_refused_with_what_to_do(project: Clone) -> None:
    path = folder(project) / "valid.ja.gz"
    data = path.read_bytes()
    path.write_bytes(gzip.compress(b"changed\n", mtime=0))
    changed = project.dvc("repro", "--single-item", "--force", "acquire@mt", code=255)
    assert f"error: {path}: expected SHA-256 " in changed and "put back the file" in changed
    path.unlink()
    missing = project.dvc("repro", "--single-item", "--force", "acquire@mt", code=255)
    assert f"error: {path}: expected a file with SHA-256 " in missing and "copy the file to this place" in missing
    path.write_bytes(data)
