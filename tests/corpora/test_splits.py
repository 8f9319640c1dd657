from pathlib import Path

import numpy as np
import pytest

from gradus.artifacts.json_files import read_json
from gradus.corpora.splits import Corpus, count_seen, split_by_position, write_corpus
from gradus.errors import InputError


def test_a_whole_text_is_split_90_5_5_by_position() -> None:
    lines = [str(i) for i in range(40)]
    splits = split_by_position((lines,), Path("text.txt"))
    assert splits == {"train": (lines[:36],), "valid": (lines[36:38],), "test": (lines[38:],)}


def test_a_text_too_short_for_three_splits_is_refused() -> None:
    assert [len(s[0]) for s in split_by_position((["a"] * 20,), Path("text.txt")).values()] == [18, 1, 1]
    with pytest.raises(InputError, match="expected at least 20 lines to split 90/5/5, found 19"):
        split_by_position((["a"] * 19,), Path("text.txt"))


def test_every_test_line_seen_in_training_is_counted_except_blank_lines() -> None:
    lines = {"train": (["a", "b", "", "b"],), "valid": (["c"],), "test": (["b", "b", "", "d", "a "],)}
    assert count_seen(Corpus(lines, "", "")) == 2  # b twice; "a " is not "a"


def test_a_pair_is_seen_only_if_one_training_pair_has_both_sides() -> None:
    pairs = {"train": (["a", "b"], ["A", "B"]), "valid": (["c"], ["C"]), "test": (["a", "b"], ["A", "A"])}
    assert count_seen(Corpus(pairs, "", "")) == 1


def test_a_written_corpus_has_its_text_and_its_floors(tmp_path: Path) -> None:
    class KnownFloors:  # in place of gradus.corpora.builtin.inside.Floors
        line_nats = np.array([1.5, 2.25])
        stream_nats = 3.5

    splits = {"train": (["a", ""],), "valid": (["b"],), "test": (["c\u2028c", "d"],)}
    corpus = Corpus(splits, "terms", "source", {"test": KnownFloors()})  # type: ignore[dict-item]
    (tmp_path / "lm").mkdir()
    about = write_corpus(tmp_path / "lm", corpus, ["txt"], {"corpus": "x"})
    assert (tmp_path / "lm/train.txt").read_bytes() == b"a\n\n"
    assert (tmp_path / "lm/test.txt").read_bytes() == "c\u2028c\nd\n".encode()
    assert about == read_json(tmp_path / "lm/source.json")
    assert about["test"] == {"lines": 2, "line_floor_nats": 3.75, "stream_floor_nats": 3.5}  # 1.5 + 2.25
    assert about["valid"] == {"lines": 1, "line_floor_nats": None, "stream_floor_nats": None}
    assert np.load(tmp_path / "lm/test.floor.npy").tolist() == [1.5, 2.25]
    assert not (tmp_path / "lm/valid.floor.npy").exists()
