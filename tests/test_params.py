"""Sections of params.yaml become dataclasses; missing, unknown and wrong keys are named."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.errors import InputError
from gradus.params import STRICT, read_keys, read_params


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Inner:
    rate: Annotated[float, Field(gt=0)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Outer:
    size: int
    inner: Inner


def params(folder: Path, text: str) -> Path:
    path = folder / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_section_becomes_its_dataclass(tmp_path: Path) -> None:
    path = params(
        tmp_path, "train:\n  lstm: {size: 3, inner: &shared {rate: 1e-3}}\n  gru: {size: 4, inner: *shared}\n"
    )
    assert read_params(path, "train.lstm", Outer) == Outer(size=3, inner=Inner(rate=0.001))
    assert read_params(path, "train.gru", Outer).inner.rate == 0.001
    assert read_params(path, "train.gru.size", int) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train: {size: 3}", "train.inner: expected a value, found none; add the key"),
        ("train: {size: 3, sise: 3, inner: {rate: 1}}", "train.sise: expected a known key, found an unknown key"),
        ("train: {size: 3, inner: {rate: 0}}", "train.inner.rate: expected a number above 0, found 0"),
        ("train: {size: '3', inner: {rate: 1}}", "train.size: expected a whole number, found '3'"),
        ("other: {size: 3}", "train: expected a key of the top level (other), found no 'train'"),
        ("train: {size: [", "expected YAML"),
    ],
)
def test_the_error_names_the_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_params(params(tmp_path, text), "train", Outer)
    assert message in str(caught.value)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Gated:
    kind: Literal["gru"]
    inner: Inner


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Plain:
    kind: Literal["rnn"]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Choice:
    network: Annotated[Gated | Plain, Field(discriminator="kind")]


def test_the_error_omits_the_class_of_a_union(tmp_path: Path) -> None:
    for text, key in (("{kind: gru}", "inner"), ("{kind: gru, inner: {rate: 0}}", "inner.rate")):
        with pytest.raises(InputError, match=rf"params.yaml: train.network.{key}: expected"):
            read_params(params(tmp_path, f"train: {{network: {text}}}"), "train", Choice)


def test_the_error_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a parameter file, found no file"):
        read_params(tmp_path / "params.yaml", "train", Outer)


def test_top_level_keys_become_a_dataclass(tmp_path: Path) -> None:
    path = params(tmp_path, "size: 3\ninner: {rate: 2}\nunrelated: 5\n")
    assert read_keys(path, ("size", "inner"), Outer).inner.rate == 2.0
