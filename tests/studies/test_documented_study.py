"""docs/studies.md: its example is a study, and it names every key."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

import pytest

from gradus.measurements import ngram_table, table
from gradus.params import read_file, validated
from gradus.studies.definition import (
    Better,
    Larger,
    Line,
    Plot,
    Study,
    StudyCorpus,
    Varies,
    quantities_of,
    read_study,
    study_params,
)
from stages.measure_lm import AnyMeasurement
from stages.train_lm import TrainLMConfig

PAGE = Path("docs/studies.md").read_text(encoding="utf-8")
MEASUREMENTS = [*table.MEASUREMENTS, *ngram_table.MEASUREMENTS]


@pytest.fixture
def example(tmp_path: Path) -> Study:
    """The example of the page."""
    (block,) = re.findall(r"^```yaml study\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "widths.yaml").write_text(block, encoding="utf-8")
    return read_study("widths", tmp_path)


def test_the_example_is_a_study_that_the_stages_accept(example: Study) -> None:
    assert Path(example.code).is_file()
    entries = read_file(Path("dvc.yaml"), dict)["stages"]
    assert set(example.stages) <= entries.keys()
    for corpus in example.corpora:
        params: dict[str, Any] = study_params(example, corpus, read_file(Path("params.yaml"), dict))
        assert list(params["train_lm"]) == example.models
        for values in params["train_lm"].values():
            validated(values, "train_lm", TrainLMConfig)
        for values in params["measure_lm"].values():
            validated(values, "measure_lm", AnyMeasurement)


def test_the_example_names_numbers_that_the_results_have(example: Study) -> None:
    """Its paths begin with keys of a network's result, or with a measurement of the example."""
    result = read_file(Path("metrics/lm/lstm.json"), dict)
    for paths in quantities_of(example).values():
        for path in paths:
            value: Any = result | {"measured": {"state": {"carried_nats": 1.0, "reset_nats": [1.0], "chunks": [1]}}}
            for key in path.split("."):
                value = value[int(key) if isinstance(value, list) else key]


@pytest.mark.parametrize("kind", [Study, StudyCorpus, Better, Larger, Varies, Plot, Line])
def test_the_page_names_every_key_of_a_study(kind: type[Any]) -> None:
    assert [field.name for field in fields(kind) if not re.search(rf"\b{field.name}\b", PAGE)] == []


@pytest.mark.parametrize("config", MEASUREMENTS)
def test_the_table_has_every_measurement_with_its_settings(config: type[Any]) -> None:
    hints = get_type_hints(config)
    (kind,) = get_args(hints.pop("kind"))
    assert get_type_hints(config)["kind"] == Literal[kind]
    (row,) = re.findall(rf"^\| `{kind}` \|.*\| (.*) \|$", PAGE, re.MULTILINE)
    assert row.split(", ") == [f"`{name}`" for name in hints]
