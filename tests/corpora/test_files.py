import gzip
import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradus.corpora import files
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


def test_only_line_feeds_end_lines(tmp_path: Path) -> None:
    # U+2028, U+0085, vertical tab and form feed end a line for str.splitlines, but not here
    path = text(tmp_path, "a\u2028b\x85c\nd\x0be\x0cf\n".encode())
    assert read_lines(path) == ["a\u2028b\x85c", "d\x0be\x0cf"]


def test_blank_lines_and_spaces_at_the_ends_are_kept(tmp_path: Path) -> None:
    assert read_lines(text(tmp_path, b"\n a \n\n\n")) == ["", " a ", "", ""]


def test_a_last_line_without_newline_counts_and_is_reported(tmp_path: Path) -> None:
    messages: list[str] = []
    path = text(tmp_path, b"a\nb")
    assert read_lines(path, messages.append) == ["a", "b"]
    assert messages == [f"{path}: the last line has no newline; it counts as a line"]
    messages.clear()
    assert list(read_blocks(path, messages.append, size=1)) == [b"a\n", b"b\n"]
    assert len(messages) == 1
    messages.clear()
    assert read_lines(text(tmp_path, b"a\nb\n"), messages.append) == ["a", "b"]
    assert messages == []


def test_a_compressed_text_is_the_same_text(tmp_path: Path) -> None:
    assert read_lines(text(tmp_path, gzip.compress("ä\nb\n".encode()), "t.gz")) == ["ä", "b"]


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        # e4 is ä in Latin-1
        (b"fine\nb\xc3\xa4\nM\xc3\xa4\xe4\n", 3, "byte 0xe4 at byte 4 of the line"),
        (b"\xef\xbb\xbfa\n", 1, "a byte-order mark"),
        (b"\xff\xfea\0", 1, "a byte-order mark"),
        (b"a\nb\r\n", 2, "a carriage return (CRLF)"),
        (b"a\nb\nc\0d\n", 3, "a NUL byte"),
    ],
)
def test_errors_name_malformed_bytes_and_their_line(tmp_path: Path, content: bytes, line: int, found: str) -> None:
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


@pytest.mark.parametrize("name", ["t.txt", "t.gz"])
def test_what_is_no_regular_file_is_refused_without_being_opened(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.mkdir()
    assert refusal(path) == (
        f"{path}: expected a text file, one sentence per line, found a folder; name a regular file"
    )
    path.rmdir()
    os.mkfifo(path)  # to open it would wait for a writer
    assert "found a pipe or a device" in refusal(path)
    path.unlink()
    path.symlink_to("/dev/zero")  # to read it would never end
    assert "found a pipe or a device" in refusal(path)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    loop = tmp_path / "loop.txt"
    loop.symlink_to(loop)
    file = text(tmp_path, b"a\n")
    for path in (loop, file / "in-a-file.txt", tmp_path / ("x" * 300)):
        assert "expected a text file, one sentence per line, found a file that cannot be read (" in refusal(path)
    if os.geteuid():  # root reads everything
        file.chmod(0)
        assert "found a file that cannot be read (Permission denied)" in refusal(file)


def test_a_pipe_passed_to_the_process_is_read(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"a\nb\n")
    os.close(writer)
    assert read_lines(Path(f"/dev/fd/{reader}")) == ["a", "b"]
    os.close(reader)


@pytest.mark.parametrize("name", ["t.txt", "t.gz"])
def test_a_line_that_is_too_long_is_refused_with_its_number(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 50)
    fine = b"a\n" * 7 + b"x" * 50 + b"\n"

    def made(content: bytes) -> Path:
        return text(tmp_path, gzip.compress(content) if name == "t.gz" else content, name)

    assert b"".join(read_blocks(made(fine), size=4)) == fine
    for content in (fine + b"x" * 60 + b"\nb\n", fine + b"x" * 10_000):
        with pytest.raises(InputError, match=f"{name}: line 9: expected a line of at most 0 MiB, found a longer line"):
            list(read_blocks(made(content), size=4))


def test_a_gzip_file_is_refused_before_it_expands_beyond_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = text(tmp_path, gzip.compress(b"a\n" * 200_000), "t.gz")  # expands 1,000 times
    assert len(read_lines(path)) == 200_000  # below GZIP_FREE
    monkeypatch.setattr(files, "GZIP_FREE", 10_000)
    blocks = read_blocks(path, size=100)
    with pytest.raises(
        InputError,
        match=r"t\.gz: expected a gzip file that expands by a factor of at most 50, found a file that expands more",
    ):
        for read, _ in enumerate(blocks, start=1):
            assert 100 * read <= 50 * path.stat().st_size
    plain = text(tmp_path, b"a\n" * 200_000, "t.txt")
    assert len(read_lines(plain)) == 200_000
    natural = gzip.compress(os.urandom(40_000).hex().encode() + b"\n")
    assert len(read_lines(text(tmp_path, natural, "n.gz"))[0]) == 80_000


WHOLE_GZIP = gzip.compress(b"one\n" * 50 + b"two\n", mtime=0)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (WHOLE_GZIP[:-20], "Compressed file ended before the end-of-stream marker was reached"),
        (WHOLE_GZIP[:5], "Compressed file ended"),
        (b"no gzip at all\n", "Not a gzipped file"),
        (WHOLE_GZIP + b"garbage", "Not a gzipped file"),
        (WHOLE_GZIP[:-8] + b"\0\0\0\0" + WHOLE_GZIP[-4:], "CRC check failed"),
        (WHOLE_GZIP[:10] + b"\xff\xff" + WHOLE_GZIP[12:], "Error -3 while decompressing data"),
        (WHOLE_GZIP[:2] + b"\x07" + WHOLE_GZIP[3:], "Unknown compression method"),
    ],
)
def test_a_broken_gzip_file_is_refused_on_one_line(tmp_path: Path, content: bytes, found: str) -> None:
    message = refusal(text(tmp_path, content, "t.gz"))
    assert f"t.gz: expected a complete gzip file, found {found}" in message
    assert "\n" not in message


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=4), st.integers(0, len(WHOLE_GZIP)), st.integers(0, 8))
def test_a_changed_gzip_file_is_refused_or_has_the_same_text(new: bytes, place: int, removed: int) -> None:
    changed = WHOLE_GZIP[:place] + new + WHOLE_GZIP[place + removed :]
    with TemporaryDirectory() as folder:
        path = text(Path(folder), changed, "t.gz")
        try:
            assert read_lines(path) == ["one"] * 50 + ["two"]
        except InputError as error:
            assert "\n" not in str(error)


def test_sides_of_unequal_length_or_with_a_blank_line_are_refused(tmp_path: Path) -> None:
    src, tgt = text(tmp_path, b"a\nb\n", "train.src"), text(tmp_path, b"A\nB\n", "train.tgt")
    assert read_columns([src, tgt]) == (["a", "b"], ["A", "B"])
    text(tmp_path, b"A\nB\nC\n", "train.tgt")
    with pytest.raises(InputError, match=r"train\.tgt: expected 2 lines, as in train\.src, found 3 lines"):
        read_columns([src, tgt])
    text(tmp_path, b"A\n \n", "train.tgt")
    with pytest.raises(InputError, match=r"train\.tgt: line 2: expected a sentence on each side"):
        read_columns([src, tgt])
