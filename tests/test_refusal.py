"""Errors of parameters: plain words at the right key, whatever stands where a number was."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.corpora.acquire import read_source
from gradus.corpora.builtin.sampling import BuiltinConfig
from gradus.decoding.strategy import GenerateConfig, TranslateConfig
from gradus.errors import InputError
from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.evaluation.neural import ScoringConfig
from gradus.evaluation.translations import EvaluateMTConfig
from gradus.ngram.smoothing.smoothers import read_smoother
from gradus.params import STRICT, read_file, read_params, validated
from gradus.review.policy import CIConfig
from gradus.runtime import read_runtime
from gradus.text.tokenizer_config import read_tokenizer_config
from stages.count_ngrams import CountConfig
from stages.train_lm import TrainLMConfig
from stages.train_mt import TrainMTConfig

SHIPPED: dict[str, Any] = read_file(Path("params.yaml"), dict)
READERS: dict[str, Callable[[Path, str], Any]] = {
    "acquire": lambda path, name: read_source(path, name),  # type: ignore[arg-type]
    "builtin": lambda path, _: read_params(path, "builtin", BuiltinConfig),
    "tokenize": lambda path, name: read_tokenizer_config(path, name),  # type: ignore[arg-type]
    "count_ngrams": lambda path, _: read_params(path, "count_ngrams", CountConfig),
    "smooth_ngrams": read_smoother,
    "train_lm": lambda path, name: read_params(path, f"train_lm.{name}", TrainLMConfig),
    "train_mt": lambda path, name: read_params(path, f"train_mt.{name}", TrainMTConfig),
    "score_lm": lambda path, _: read_params(path, "score_lm", ScoringConfig),
    "evaluate_lm": lambda path, _: read_params(path, "evaluate_lm", BootstrapConfig),
    "evaluate_mt": lambda path, _: read_params(path, "evaluate_mt", EvaluateMTConfig),
    "ci": lambda path, _: read_params(path, "ci", CIConfig),
}
DECODERS = {"lm": GenerateConfig, "mt": TranslateConfig}
WRONG: tuple[Any, ...] = (
    None,
    True,
    "",
    "x",
    "$x^$",
    -1,
    0,
    1.5,
    10**18,
    1e300,
    [],
    ["x"],
    [1, "x"],
    {},
    {"kind": "x"},
    {"x": {}},
)
FOREIGN = (
    "Input",
    "should",
    "Value error",
    "valid",
    "constrained",
    "instance",
    "Extra",
    "Field",
    "ArgsKwargs",
    "{",
    "tag",
)


def read(path: Path, section: str, name: str) -> Any:
    if section in ("seed", "threads", "device", "numerics"):
        return read_runtime(path)
    if section == "decode":
        return read_params(path, f"decode.{name}", DECODERS[name])
    return READERS[section](path, name)


def places(values: dict[str, Any], *above: str) -> Iterator[tuple[str, ...]]:
    """Yield the way to every key of nested mappings."""
    for key, value in values.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from places(value, *above, key)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(set(places(SHIPPED)))), st.sampled_from(WRONG))
def test_any_value_in_any_place_is_taken_or_named_in_plain_words(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[str, ...], wrong: Any
) -> None:
    params = copy.deepcopy(SHIPPED)
    *above, last = place
    inner = params
    for key in above:
        inner = inner[key]
    inner[last] = wrong
    path = tmp_path_factory.getbasetemp() / "params.yaml"
    path.write_text(json.dumps(params))
    try:
        read(path, place[0], place[1] if len(place) > 1 else "lm")
    except InputError as error:
        assert str(error).startswith(f"{path}: ")
        assert not [word for word in FOREIGN if word in error.expected], error
        assert len(error.found) < 80 and str(error).isprintable()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Dot:
    kind: Literal["dot"]
    scale: float


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Sum:
    kind: Literal["sum"]
    prune: Annotated[list[int], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Layer:
    score: Annotated[Dot | Sum, Field(discriminator="kind")]
    size: Annotated[int, Field(ge=1, le=9)] | Literal["fitted"] = 1

    def __post_init__(self) -> None:
        if self.size == 7:
            raise ValueError("a size other than 7")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"score": {"kind": "dot", "scale": "x"}}, "score.scale: expected a number, found 'x'; correct the value"),
        ({"score": {"kind": "sum", "prune": []}}, "score.prune: expected at least 1 entries, found a list"),
        ({"score": {"kind": "sum", "prune": [1, "x"]}}, "score.prune.1: expected a whole number, found 'x'"),
        ({"score": {"kind": "sum", "prune": 3}}, "score.prune: expected a list, found 3"),
        ({"score": {"kind": "mean"}}, "score.kind: expected one of 'dot', 'sum', found 'mean'; correct the value"),
        ({"score": {}}, "score.kind: expected a value, found none; add the key"),
        ({"score": None}, "score: expected keys with values, found nothing"),
        ({"score": {"kind": "dot", "scale": 1, "size": 2}}, "score.size: expected a known key, found an unknown one"),
        ({"score": {"kind": "dot", "scale": 1}, "size": 0}, "size: expected a number from 1 up or 'fitted', found 0"),
        (
            {"score": {"kind": "dot", "scale": 1}, "size": 7},
            "params.yaml: expected a size other than 7, found other val",
        ),
        ([], "params.yaml: expected keys with values, found a list"),
        ({"score": "x" * 10_000}, "score: expected keys with values, found 'xxxx"),
    ],
)
def test_the_first_problem_in_plain_words(values: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        validated(values, "params.yaml: ", Layer)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200
