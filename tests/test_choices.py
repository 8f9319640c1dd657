"""Tables of choices: a setting may be any row of its table, and nothing else."""

from typing import Annotated, Any, Literal

import pytest
from pydantic.dataclasses import dataclass

from gradus.choices import NameOf, OneOf, kind_of
from gradus.errors import InputError
from gradus.params import STRICT, validated


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Shape:
    """Common base of the rows."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Square(Shape):
    kind: Literal["square"]
    side: int


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Circle(Shape):
    kind: Literal["circle"]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Picture:
    shape: Annotated[Shape, OneOf((Square, Circle))]
    colour: Annotated[str, NameOf({"red": 1, "blue": 2})]


def picture(**changes: Any) -> Picture:
    return validated({"shape": {"kind": "square", "side": 2}, "colour": "red", **changes}, "params.yaml: ", Picture)


def test_a_setting_is_the_row_of_its_kind() -> None:
    assert picture() == Picture(shape=Square(kind="square", side=2), colour="red")
    assert picture(shape={"kind": "circle"}).shape == Circle(kind="circle")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": {"kind": "star"}}, "params.yaml: shape.kind: expected one of 'square', 'circle', found 'star'"),
        ({"shape": {"kind": "circle", "side": 1}}, "params.yaml: shape.side: expected a known key"),
        ({"colour": "green"}, "params.yaml: colour: expected 'red' or 'blue', found 'green'"),
    ],
)
def test_another_kind_or_name_is_refused_with_those_that_exist(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        picture(**changes)
    assert str(error.value).startswith(message)


def test_the_kind_of_a_configuration_is_its_literal() -> None:
    assert [kind_of(row) for row in (Square, Circle)] == ["square", "circle"]
