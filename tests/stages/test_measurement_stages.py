"""Run the stages measure_lm and measure_ngram on tiny models."""

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from gradus.artifacts.json_files import read_json, write_json
from stages.count_ngrams import app as count_app
from stages.measure_lm import app as lm_app
from stages.measure_ngram import app as ngram_app
from stages.smooth_ngrams import app as smooth_app
from tests.measurements.measured_models import write_network, write_tokens

SCORING = {"stride": 4, "chunk": 16, "batch": 8}
PARAMS: dict[str, Any] = {
    "seed": 1,
    "threads": 1,
    "device": "cpu",
    "numerics": "portable",
    "count_ngrams": {"order": 3},
    "smooth_ngrams": {"katz": {"kind": "katz", "threshold": 5}},
    "measure_lm": {
        "length": {"kind": "memory", "lengths": [1, 4], "tokens": 20, "threshold": 0.01, "scoring": SCORING},
        "carried": {"kind": "state", "chunks": [4], "batch": 8, "columns": 16},
        "wrong": {"kind": "state", "chunks": [0], "batch": 8, "columns": 16},
        "falling": {"kind": "memory", "lengths": [4, 1], "tokens": 20, "threshold": 0.01, "scoring": SCORING},
        "other": {"kind": "contexts", "block": 5},
    },
    "measure_ngram": {"split": {"kind": "contexts", "block": 5}, "other": {"kind": "state"}},
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a text, a network and the n-gram models of one smoother."""
    folder = tmp_path_factory.mktemp("measured")
    write_tokens(folder / "data/tokens/lm")
    write_network(folder / "models/lm/gru", "gru", folder / "data/tokens/lm")
    write_json(folder / "params.yaml", PARAMS)  # JSON is YAML
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run(count_app)
        run(smooth_app, "--name", "katz")
    return folder


@pytest.fixture(autouse=True)
def folder(models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(models)
    return models


def run(app: typer.Typer, *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize(
    ("app", "model", "measurement", "key"),
    [
        (lm_app, "gru", "length", "full_nats"),
        (lm_app, "gru", "carried", "carried_nats"),
        (ngram_app, "katz", "split", "seen_share"),
    ],
)
def test_a_measurement_is_one_file_with_equal_bytes_each_time(
    app: typer.Typer, model: str, measurement: str, key: str
) -> None:
    path = Path("data/measured/lm") / model / f"{measurement}.json"
    printed = run(app, "--name", model, "--measurement", measurement)
    first = path.read_bytes()
    run(app, "--name", model, "--measurement", measurement)
    assert path.read_bytes() == first
    assert f"{key} {read_json(path)[key]:.6g}" in printed


@pytest.mark.parametrize(
    ("app", "measurement", "message"),
    [
        (lm_app, "wrong", "measure_lm.wrong.chunks.0: expected a number of at least 1"),
        (lm_app, "falling", "rising numbers"),
        (lm_app, "other", "contexts"),
        (lm_app, "lenght", "no 'lenght'"),
        (ngram_app, "other", "measure_ngram.other.kind: expected 'contexts'"),
    ],
)
def test_wrong_settings_are_named(app: typer.Typer, measurement: str, message: str) -> None:
    said = run(app, "--name", "gru", "--measurement", measurement, code=2)
    assert message in said and len(said.strip().splitlines()) == 1


def test_a_file_that_is_no_measurement_is_kept() -> None:
    path = Path("data/measured/lm/katz/split.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"mine": "text"}')
    assert "did not write" in run(ngram_app, "--name", "katz", "--measurement", "split", code=2)
    assert path.read_text() == '{"mine": "text"}'
    path.unlink()
