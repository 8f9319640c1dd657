"""Files of decoded text, and lines of running text."""

import json

import pytest

from gradus.artifacts.seals import write_seal
from gradus.decoding.records import (
    TEXTS,
    Record,
    read_records,
    read_strategies,
    require_known_ids,
    running_text,
    split_at_eos,
    whole_lines,
    write_records,
)
from gradus.errors import InputError


def test_what_is_written_is_read(tmp_path):
    """A Unicode line separator (U+2028) does not end a record."""
    records = [Record("a\nb\u2028c", [4, 3, 5], -1.25, -0.5), Record("d", [3], -0.1, -0.1, prompt=[7])]
    write_records(tmp_path / "greedy.jsonl", records)
    assert read_records(tmp_path / "greedy.jsonl") == records


@pytest.mark.parametrize("content", [None, "{", '{"text": "a"}\n'])
def test_missing_and_broken_files_are_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "x.jsonl").write_text(content)
    with pytest.raises(InputError, match="decoded text"):
        read_records(tmp_path / "x.jsonl")


def test_eos_ends_a_line():
    """4 5 EOS EOS 6 has a line, an empty line, and a last line without EOS."""
    ids = [4, 5, 3, 3, 6]
    assert split_at_eos(ids) == [[4, 5], [], [6]]
    assert whole_lines([Record("", ids, 0.0, 0.0)]) == [[4, 5], []]
    assert running_text(ids, lambda line: " ".join(map(str, line))) == "4 5\n\n6"


@pytest.mark.parametrize(
    "change",
    [
        {"ids": []},
        {"ids": [-1]},
        {"ids": ["4"]},
        {"text": None},
        {"log_prob": 1e300},
        {"score": 0},
        {"more": 1},
        {"prompt": [-1]},
    ],
)
def test_records_that_no_decoder_writes_are_refused(tmp_path, change):
    record = {"text": "a", "ids": [4, 3], "log_prob": -1.5, "score": -1.5}
    (tmp_path / "x.jsonl").write_text(json.dumps(record) + "\n" + json.dumps(record | change) + "\n")
    with pytest.raises(InputError, match=r"x.jsonl: expected decoded text"):
        read_records(tmp_path / "x.jsonl")


def test_ids_beyond_the_vocabulary_are_refused():
    with pytest.raises(InputError, match=r"greedy.jsonl: expected ids below 5, found 5"):
        require_known_ids({"greedy": [Record("", [4, 3], 0.0, 0.0), Record("", [5, 9], 0.0, 0.0)]}, 5)


def test_a_folder_without_texts_is_refused(tmp_path):
    write_seal(tmp_path, TEXTS)
    with pytest.raises(InputError, match="expected texts of every strategy"):
        read_strategies(tmp_path)
