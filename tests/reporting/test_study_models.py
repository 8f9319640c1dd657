"""The tables of the models of studies, with the speed of training from the benchmark."""

from pathlib import Path

import pytest
from study_cases import result

from gradus.artifacts.json_files import write_json
from gradus.reporting.claims import model_tables
from gradus.reporting.training_benchmarks import read_speed


def speed_of(folder: Path, name: str, parameters: int) -> Path:
    """Write a result of the benchmark with one network into a folder."""
    machine = {"processor": "Some Processor", "cores": 2, "memory_gib": 8.0}
    cost = {"batch": 32, "chunk": 32, "tokens_per_cpu_second": 1.0, "spread": 0.01, "peak_mib": 1.0}
    network = cost | {"name": name, "parameters": parameters, "tokens_per_second": 54321.4}
    whole = {"machine": machine, "threads": 2, "vocabulary_size": 556, "runs": 5, "networks": [network]}
    write_json(folder / "training_speed.json", whole)
    return folder


def test_the_speed_of_training_is_a_column_where_the_benchmark_has_the_network(tmp_path: Path) -> None:
    (table,) = model_tables({"s": result()}, read_speed(speed_of(tmp_path, "one", 4321)))
    assert list(table.columns) == ["corpus", "model", "perplexity", "weights", "training, tokens/s"]
    assert [list(row) for row in table.rows] == [
        ["text", "one", "20.00 ± 0.2500", "4,321", "54,321"],
        ["text", "two", "–", "–", "–"],
    ]
    assert "median over 5 runs of the benchmark training_speed" in table.caption


@pytest.mark.parametrize(("name", "parameters"), [("one", 4322), ("two", 4321), ("three", 4321)])
def test_the_speed_of_another_network_is_not_shown(tmp_path: Path, name: str, parameters: int) -> None:
    """Model `one` has 4321 weights; `two` has no cell with its weights."""
    (table,) = model_tables({"s": result()}, read_speed(speed_of(tmp_path, name, parameters)))
    assert "okens/s" not in table.markdown()


def test_without_a_benchmark_there_is_no_speed(tmp_path: Path) -> None:
    assert read_speed(tmp_path) is None
    (table,) = model_tables({"s": result()}, None)
    assert "okens/s" not in table.markdown()
