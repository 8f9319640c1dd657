import gzip
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradus.corpora.files import read_blocks, read_columns, read_lines
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
    assert list(read_blocks(path, said.append, size=1)) == [b"a\n", b"b\n"]
    assert len(said) == 1
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


@pytest.mark.parametrize("name", ["train.txt", "train.gz"])
@pytest.mark.parametrize(
    ("tail", "found"),
    [
        (b"\xc3\xa4\xe4\n", "byte 0xe4 at byte 3 of the line"),
        (b"a\xc3", "byte 0xc3 at byte 2 of the line"),  # cut within a character
        (b"\r\n", "a carriage return (CRLF)"),
        (b"a\0\n", "a NUL byte"),
    ],
)
def test_lines_are_counted_over_all_blocks(tmp_path: Path, name: str, tail: bytes, found: str) -> None:
    content = b"1\n\xc3\xa4\n\n4\n" + tail
    path = text(tmp_path, gzip.compress(content) if name.endswith("gz") else content, name)
    for size in (1, 2, 3, 100):
        with pytest.raises(InputError, match=f"{name}: line 5: expected .* found {re.escape(found)}"):
            list(read_blocks(path, size=size))


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("a\u00e9\u2028\U0001f600 ")), min_size=1), st.booleans(), st.integers(1, 20))
def test_blocks_are_whole_lines_and_together_the_text(lines: list[str], compressed: bool, size: int) -> None:
    content = "".join(f"{line}\n" for line in lines).encode()
    with TemporaryDirectory() as folder:
        data, name = (gzip.compress(content), "a.gz") if compressed else (content, "a.txt")
        path = text(Path(folder), data, name)
        blocks = list(read_blocks(path, size=size))
        assert read_lines(path) == lines
    assert b"".join(blocks) == content
    assert all(block.endswith(b"\n") for block in blocks)
    assert all(len(block) >= size for block in blocks[:-1])
    assert all(block.rfind(b"\n", 0, -1) < size for block in blocks)  # no line more than needed


def test_a_mark_of_utf_16_or_utf_8_is_one_at_the_start_alone(tmp_path: Path) -> None:
    path = text(tmp_path, "a\n\ufeffb\n".encode())
    assert list(read_blocks(path, size=1)) == [b"a\n", "\ufeffb\n".encode()]


def test_missing_and_empty_files_are_refused(tmp_path: Path) -> None:
    assert "found no file" in refusal(tmp_path / "train.txt")
    assert "found no file" in refusal(tmp_path / "train.gz")
    assert "found an empty file" in refusal(text(tmp_path, b""))
    assert "found an empty file" in refusal(text(tmp_path, gzip.compress(b""), "t.gz"))


def test_two_sides_have_equally_many_lines_and_no_blank_one(tmp_path: Path) -> None:
    src, tgt = text(tmp_path, b"a\nb\n", "train.src"), text(tmp_path, b"A\nB\n", "train.tgt")
    assert read_columns([src, tgt]) == (["a", "b"], ["A", "B"])
    text(tmp_path, b"A\nB\nC\n", "train.tgt")
    with pytest.raises(InputError, match=r"train\.tgt: expected 2 lines, as in train\.src, found 3 lines"):
        read_columns([src, tgt])
    text(tmp_path, b"A\n \n", "train.tgt")
    with pytest.raises(InputError, match=r"train\.tgt: line 2: expected a sentence on each side"):
        read_columns([src, tgt])
