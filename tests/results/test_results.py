"""Result types: the committed files have exactly their keys, and wrong values are refused by key."""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from result_cases import network, score

from gradus.artifacts.json_files import read_json
from gradus.errors import InputError
from gradus.results.details import HistoryRow, LanguageModelDetails, TranslationDetails
from gradus.results.documentation import FILES, documentation
from gradus.results.files import as_json, parse_result, read_result, write_result
from gradus.results.language_model import NetworkResult, result_type
from gradus.results.recipe import RecipeResult
from gradus.results.translation import TranslationResult
from gradus.training.run import Epoch

METRICS = Path("metrics")


def kind_of(path: Path) -> type:
    if path.parts[1] == "details":
        return LanguageModelDetails if path.parts[2] == "lm" else TranslationDetails
    if path.parts[1] == "mt":
        return TranslationResult
    return result_type(read_json(path))


@pytest.mark.parametrize("path", sorted(METRICS.glob("*m*/*.json")) + sorted(METRICS.glob("details/*/*.json")), ids=str)
def test_a_committed_file_is_its_result_byte_for_byte(path: Path, tmp_path: Path) -> None:
    write_result(tmp_path / "again.json", read_result(path, kind_of(path)))
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


def runs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path in sorted((METRICS / "recipes").glob("*.json")):
        for run in read_json(path)["runs"]:
            for track, models in run["metrics"].items():
                for name, values in models.items():
                    yield f"{path.stem}, {name}", track, values


def test_results_of_old_versions_in_recipes_can_be_read() -> None:
    for where, track, values in runs():
        result = parse_result(values, where, TranslationResult if track == "mt" else result_type(values), remedy="")
        assert json.dumps(as_json(result)) == json.dumps(values)


@pytest.mark.parametrize("path", sorted((METRICS / "recipes").glob("*.json")), ids=str)
def test_committed_recipes_can_be_read(path: Path) -> None:
    assert read_result(path, RecipeResult).seeds == read_json(path)["seeds"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"test": {"line": {"tokens": 1.5, "zero_tokens": 0}}}, "test.line.tokens: expected a whole number, found 1.5"),
        (
            {"test": {"page": {"tokens": 1, "zero_tokens": 0}}},
            "test.page: expected a key that is 'line' or 'stream', found 'page'",
        ),
        ({"model": {}}, "model.parameters: expected a value, found none"),
        ({"kind": "<b>"}, "kind: expected text that matches"),
        ({"corpus": 1}, "corpus: expected text, found 1"),
    ],
)
def test_a_wrong_value_is_refused_by_its_key(change: dict[str, Any], message: str) -> None:
    values = as_json(network({"line": score(15.0)})) | change
    with pytest.raises(InputError, match=f"^f.json: {message}.*; make it again$"):
        parse_result(values, "f.json: ", NetworkResult, remedy="make it again")


def test_unknown_keys_are_ignored() -> None:
    result = network({"line": score(15.0)})
    assert parse_result(as_json(result) | {"new": 1}, "f.json: ", NetworkResult, remedy="") == result


def test_the_history_has_the_columns_that_training_writes() -> None:
    assert [field.name for field in fields(HistoryRow)] == ["epoch", *(field.name for field in fields(Epoch))]


def test_the_documentation_is_up_to_date_and_explains_every_key() -> None:
    text = documentation()
    assert Path("docs/metrics.md").read_text(encoding="utf-8") == text
    assert all(kind.__name__ in text for kind in FILES.values())
    assert "|  |" not in text
