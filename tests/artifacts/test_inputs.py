"""Files of unknown origin are read within bounds, or refused."""

import os
from pathlib import Path

import pytest

from gradus.artifacts.inputs import parse_json, read_bytes, require_regular
from gradus.artifacts.json_files import read_json
from gradus.errors import InputError


def test_a_file_beyond_its_bound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_bytes(tmp_path / "file", "digits", "none", most=5) == b"12345"
    with pytest.raises(InputError, match="expected digits of at most 4 bytes, found a larger file"):
        read_bytes(tmp_path / "file", "digits", "none", most=4)


def test_pipes_devices_and_circular_links_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    found = {"pipe": "a pipe or a device", "zero": "a pipe or a device", ".": "a folder", "none": "no file"}
    for name, what in {**found, "loop": "Too many levels of symbolic links"}.items():
        with pytest.raises(InputError, match=f"expected JSON, found {what}; make it again"):
            require_regular(tmp_path / name, "JSON", "make it again")
        with pytest.raises(InputError, match=f"found {what}"):
            read_json(tmp_path / name)


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text('{"a": 1}')
    (tmp_path / "link").symlink_to("file")
    assert read_json(tmp_path / "link") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[NaN]", "not finite: NaN"),
        ("[-Infinity]", "not finite: -Infinity"),
        ("[1e999]", "not finite: 1e999"),
        ("[9223372036854775808]", "beyond 64 bits"),
        ("9" * 5000, "beyond 64 bits"),
        ('{"a": "\\ud800"}', "surrogates not allowed"),
        ("[" * 100_000, "too many levels"),
        ('{"a":' * 100_000, "too many levels"),
    ],
)
def test_json_with_infinite_or_large_numbers_or_half_characters_is_refused(text: str, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        parse_json(text.encode())


def test_escapes_of_characters_beyond_16_bits_are_read() -> None:
    assert parse_json(b'["\\ud83d\\ude00", 9223372036854775807, -1.5e300]') == ["😀", 2**63 - 1, -1.5e300]


def test_a_message_shortens_a_long_value_in_the_middle() -> None:
    error = InputError("file", expected="x", found="a" * 10**6 + "end", remedy="shorten it")
    assert len(str(error)) < 500 and str(error).endswith("end; shorten it")
