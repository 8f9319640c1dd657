import gzip
from pathlib import Path

import pytest

from gradus.corpora.files import read_columns, read_lines
from gradus.errors import InputError


def text(folder: Path, content: bytes, name: str = "train.txt") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_lines(path)
    return str(caught.value)


def test_lines_end_at_line_feeds_alone(tmp_path: Path) -> None:
    # U+2028, U+0085, vertical tab and form feed end a line for str.splitlines, but not here
    path = text(tmp_path, "a\u2028b\x85c\nd\x0be\x0cf\n".encode())
    assert read_lines(path) == ["a\u2028b\x85c", "d\x0be\x0cf"]


def test_blank_lines_and_outer_spaces_are_kept(tmp_path: Path) -> None:
    assert read_lines(text(tmp_path, b"\n a \n\n\n")) == ["", " a ", "", ""]


def test_a_last_line_without_newline_counts_and_is_reported(tmp_path: Path) -> None:
    said: list[str] = []
    path = text(tmp_path, b"a\nb")
    assert read_lines(path, said.append) == ["a", "b"]
    assert said == [f"{path}: the last line has no newline; it counts as a line"]
    said.clear()
    assert read_lines(text(tmp_path, b"a\nb\n"), said.append) == ["a", "b"]
    assert said == []


def test_a_compressed_text_is_the_same_text(tmp_path: Path) -> None:
    assert read_lines(text(tmp_path, gzip.compress("ä\nb\n".encode()), "t.gz")) == ["ä", "b"]


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        # e4 is ä in Latin-1; third byte of the second line
        (b"fine\nb\xc3\xa4\nM\xc3\xa4\xe4\n", 3, "byte 0xe4 at byte 4 of the line"),
        (b"\xef\xbb\xbfa\n", 1, "a byte-order mark"),
        (b"\xff\xfea\0", 1, "a byte-order mark"),
        (b"a\nb\r\n", 2, "a carriage return (CRLF)"),
        (b"a\nb\nc\0d\n", 3, "a NUL byte"),
    ],
)
def test_malformed_bytes_are_named_with_their_line(tmp_path: Path, content: bytes, line: int, found: str) -> None:
    path = text(tmp_path, content)
    assert refusal(path).startswith(f"{path}: line {line}: expected ")
    assert f"found {found}" in refusal(path)


def test_missing_and_empty_files_are_refused(tmp_path: Path) -> None:
    assert "found no file" in refusal(tmp_path / "train.txt")
    assert "found an empty file" in refusal(text(tmp_path, b""))


def test_two_sides_have_equally_many_lines_and_no_blank_one(tmp_path: Path) -> None:
    src, tgt = text(tmp_path, b"a\nb\n", "train.src"), text(tmp_path, b"A\nB\n", "train.tgt")
    assert read_columns([src, tgt]) == (["a", "b"], ["A", "B"])
    text(tmp_path, b"A\nB\nC\n", "train.tgt")
    with pytest.raises(InputError, match=r"train\.tgt: expected 2 lines, as in train\.src, found 3 lines"):
        read_columns([src, tgt])
    text(tmp_path, b"A\n \n", "train.tgt")
    with pytest.raises(InputError, match=r"train\.tgt: line 2: expected a sentence on each side"):
        read_columns([src, tgt])
