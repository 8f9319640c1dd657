"""Hostile YAML is refused quickly, with one line and without expanding aliases; other YAML is read as JSON values."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from gradus.errors import InputError
from gradus.params import STRICT, read_file, read_section, validated
from gradus.yaml_files import DEPTH, EXPANDED, LARGEST, read_yaml

LAUGHS = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)  # 9^12 strings
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}\n" for level in range(1, 12)
)
LONG_TEXT = f"a: &a {'x' * 1000}\nb: [{', '.join(['*a'] * 1000)}]\n"  # few values, a million characters
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 3000))

REFUSED = {
    b"a: .inf": "params.yaml: a: expected a finite number, found inf",
    b"a: {b: [1, -.inf]}": "params.yaml: a.b.1: expected a finite number, found -inf",
    b"a: .nan": "params.yaml: a: expected a finite number, found nan",
    b"a: 1e999": "params.yaml: a: expected a finite number, found inf",
    b"a: 9223372036854775808": "params.yaml: a: expected an integer below 2^63",
    b"a: -9223372036854775808": "params.yaml: a: expected an integer below 2^63",
    b"a: " + b"9" * 100_000: "params.yaml: expected YAML",
    b"a: 0x" + b"f" * 100_000: "params.yaml: a: expected an integer below 2^63",
    b"x: 1\na: 2001-01-01": "params.yaml:2: expected text, a number, true, false or null, found a value of type 'times",
    b"a: !!binary aGk=": "params.yaml:1: expected text, a number, true, false or null, found a value of type 'binary'",
    b"a: !!set {x}": "params.yaml:1: expected text, a number, true, false or null, found a value of type 'set'",
    b"a: !!omap [x: 1]": "params.yaml:1: expected text",
    b"a: !!python/object/apply:os.system [id]": "found a value of type 'python/object/apply:os.system'",
    b"a: !local 1": "params.yaml:1: expected text, a number, true, false or null, found a value of type '!local'",
    b"a: !!int x": "params.yaml: expected YAML",
    b"a: !!float x": "params.yaml: expected YAML",
    b"a: !!bool x": "params.yaml: expected YAML",
    b"a: !!map x": "params.yaml:1: expected YAML",
    b"a: &a [*a]": "params.yaml:1: expected a value that does not contain itself, found a recursive alias",
    b"a: &a {b: {c: *a}}": "params.yaml:1: expected a value that does not contain itself, found a recursive alias",
    b"&a a: *b": "params.yaml:1: expected YAML, found a syntax error, \"found undefined alias 'b'\"",
    LAUGHS.encode(): f"expected at most {EXPANDED} characters after aliases are expanded, found more",
    MERGES.encode(): f"expected at most {EXPANDED} characters after aliases are expanded, found more",
    LONG_TEXT.encode(): f"expected at most {EXPANDED} characters after aliases are expanded, found more",
    CHAIN.encode(): f"params.yaml: expected at most {DEPTH} levels, found more",
    b"[" * 100_000: f"params.yaml: expected at most {DEPTH} levels, found more",
    b"- " * 60_000: f"params.yaml: expected at most {DEPTH} levels, found more",
    b"[" * 60 + b"]" * 60: f"params.yaml: expected at most {DEPTH} levels, found more",
    b"a: 1\nb: \xff": "params.yaml:2: expected UTF-8, found byte 0xff",
    "a: 1".encode("utf-16"): "params.yaml:1: expected UTF-8, found byte 0xff",
    b"a: \x00": "params.yaml: expected YAML",
    b"a: \x1b[31m": "params.yaml: expected YAML",
    b'a: "\\0"': "params.yaml: a: expected text, found '\\x00'",
    b'a: "\\ud800"': "params.yaml: a: expected text, found '\\ud800'",
    b'"\\ud800": 1': "params.yaml: expected text, found '\\ud800'",
    b"a: 1\na: 2": "params.yaml:2: expected YAML, found a syntax error, 'found duplicate key",
    b"1: x": "params.yaml:1: expected a key that is text, found '1'",
    b"a: {true: x}": "params.yaml:1: expected a key that is text, found 'true'",
    b"a: {null: x}": "params.yaml:1: expected a key that is text, found 'null'",
    b"? [a]\n: x": "params.yaml:1: expected a key that is text, found a list or mapping",
    b"a: 1\n--- \nb: 2": "params.yaml:2: expected YAML",
    b"a: [": "params.yaml:1: expected YAML",
    b"a: 1 #"
    + b"x" * LARGEST: f"params.yaml: expected a parameter file of at most {LARGEST} bytes, found a larger file",
}


@pytest.mark.parametrize(("content", "message"), REFUSED.items(), ids=range(len(REFUSED)))
def test_hostile_yaml_is_refused_quickly_on_one_short_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    start = time.process_time()
    with pytest.raises(InputError) as caught:
        read_section(path, "a")
    assert time.process_time() - start < 10
    line = str(caught.value).removeprefix(f"{tmp_path}/")
    assert message in line
    assert line.isprintable() and len(line) < 300


def test_a_path_that_is_not_a_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "none", tmp_path / "loop", Path("/dev/zero")):
        with pytest.raises(InputError, match="expected a parameter file, found"):
            read_yaml(path)


PLAIN: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["C", "Z"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(categories=["L"])), inner),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(st.characters(categories=["L"]), min_size=1), PLAIN, min_size=1))
def test_json_is_read_unchanged(tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "plain.yaml"
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    assert read_file(path, dict[str, Any]) == values


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*"ab:,[]{}&*!|>-?#%@\"'\n 1.~", "<<: ", ": ", "- ", "&a ", "*a", "!!set ", "\\x00"])))
@example(["*a"])
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, pieces: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text("".join(pieces), encoding="utf-8")
    try:
        json.dumps(read_yaml(path), allow_nan=False)
    except InputError as error:
        assert "\n" not in str(error)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    try:
        json.dumps(read_yaml(path), allow_nan=False)
    except InputError as error:
        assert "\n" not in str(error)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Rate:
    rate: float


def test_configurations_refuse_infinities_and_nan() -> None:
    for number in ("Infinity", "-Infinity", "NaN", "1e999"):
        with pytest.raises(ValidationError):
            TypeAdapter(Rate).validate_json(f'{{"rate": {number}}}')


def test_values_of_json_are_refused_like_those_of_yaml() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for odd in (float("nan"), float("inf"), 10**6000, "\ud800", deep):
        with pytest.raises(InputError) as caught:
            validated({"rate": odd}, "config.json: ", Rate)
        assert str(caught.value).startswith("config.json: ") and len(str(caught.value)) < 200
