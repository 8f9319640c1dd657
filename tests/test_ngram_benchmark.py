"""The benchmark of the n-gram engine, on a few lines; speeds are not looked at."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import growth, ngram, opening, programs
from gradus.artifacts.json_files import read_json
from gradus.reporting.benchmarks import benchmark_tables

LINES = "the cat sat\nthe <unk> sat on the mat\na cat\n\n"


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a folder with a text, where no KenLM is on the PATH."""
    monkeypatch.setattr(programs.shutil, "which", lambda program: None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.txt").write_text(LINES * 5)
    (tmp_path / "test.txt").write_text(LINES)
    return tmp_path


def run(*arguments: str) -> None:
    result = CliRunner().invoke(ngram.app, arguments)
    assert result.exit_code == 0, result.output


def test_without_kenlm_ours_is_measured_alone(inside: Path) -> None:
    run("compare", "train.txt", "test.txt", "--name", "tiny", "--order", "2", "--runs", "1")
    result = read_json(inside / "benchmarks/results/ngram_tiny.json")
    assert set(result["build"]) == {"gradus"} and result["build"]["gradus"]["median_seconds"] > 0
    assert result["score_in_process"]["gradus_text"]["per_second"] > 0
    assert result["test_perplexity"]["2"]["gradus"] > 1 and result["machine"]["cores"] >= 1
    assert benchmark_tables(inside / "benchmarks/results")["ngram_speed"].rows[0][3:] == ["–", "–"]


def test_growth_samples_texts_of_the_sizes_asked_for(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "MILLION", 100)
    run("growth", "train.txt", "--millions", "1 2", "--order", "2")
    sizes = read_json(inside / "benchmarks/results/ngram_growth.json")["sizes"]
    assert [size["million_tokens"] for size in sizes] == [1, 2]
    assert all(size[way]["seconds"] > 0 for size in sizes for way in ("in_memory", "in_files"))
    assert len(sizes[0]["ngrams"]) == 2 and all(count > 0 for count in sizes[0]["ngrams"])


def test_opening_is_timed_with_and_without_sums(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MILLION", 100)
    run("opening", "train.txt", "--millions", "1", "--order", "2", "--runs", "3")
    (model,) = read_json(inside / "benchmarks/results/ngram_opening.json")["models"]
    assert model["model_mib"] >= 0 and model["median_milliseconds"]["verified"] > 0
