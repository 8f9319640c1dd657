"""Errors of wrong values name the key and use plain words."""

from dataclasses import field
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.errors import InputError
from gradus.params import STRICT, validated


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
    other: Literal["none"] | Dot = "none"
    by_order: dict[Annotated[str, Field(pattern="^[1-9]$")], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.size == 7:
            raise ValueError("a size other than 7")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"score": {"kind": "dot", "scale": "x"}}, "score.scale: expected a number, found 'x'; correct the value"),
        ({"score": {"kind": "sum", "prune": []}}, "score.prune: expected at least one entry, found an empty list"),
        ({"score": {"kind": "sum", "prune": [1, "x"]}}, "score.prune.1: expected a whole number, found 'x'"),
        ({"score": {"kind": "sum", "prune": 3}}, "score.prune: expected a list, found 3"),
        ({"score": {"kind": "mean"}}, "score.kind: expected one of 'dot', 'sum', found 'mean'; correct the value"),
        ({"score": {}}, "score.kind: expected a value, found none; add the key"),
        ({"score": None}, "score: expected keys with values, found nothing"),
        ({"score": {"kind": "dot", "scale": 1, "size": 2}}, "score.size: expected a known key, found an unknown key"),
        (
            {"score": {"kind": "dot", "scale": 1}, "size": 0},
            "size: expected a number of at least 1 or 'fitted', found 0",
        ),
        (
            {"score": {"kind": "dot", "scale": 1}, "size": 7},
            "params.yaml: expected a size other than 7, found values that do not fit together",
        ),
        ({"score": {"kind": "dot", "scale": True}}, "score.scale: expected a number, found true"),
        ({"score": {"kind": ["dot"]}}, "score.kind: expected one of 'dot', 'sum', found a list"),
        (
            {"score": {"kind": "dot", "scale": 1}, "other": {"kind": "dot", "scale": "x"}},
            "params.yaml: other.scale: expected a number, found 'x'",
        ),
        (
            {"score": {"kind": "dot", "scale": 1}, "by_order": {"x": 1}},
            "by_order.x: expected a key that is text that matches ^[1-9]$, found 'x'",
        ),
        ([], "params.yaml: expected keys with values, found an empty list"),
        ({"score": "x" * 10_000}, "score: expected keys with values, found 'xxxx"),
    ],
)
def test_the_first_problem_in_plain_words(values: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        validated(values, "params.yaml: ", Layer)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200
