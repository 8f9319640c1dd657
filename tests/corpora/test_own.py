from pathlib import Path

import pytest

from gradus.corpora.own import read_own
from gradus.errors import InputError


def silent(line: str) -> None:
    pass


def test_one_pair_of_files_is_split_by_position_on_both_sides(tmp_path: Path) -> None:
    for suffix in ("src", "tgt"):
        (tmp_path / f"text.{suffix}").write_text("".join(f"{suffix} {i}\n" for i in range(20)))
    corpus = read_own(tmp_path, ("src", "tgt"), silent)
    assert corpus.splits["valid"] == (["src 18"], ["tgt 18"])
    assert corpus.splits["test"] == (["src 19"], ["tgt 19"])


def test_three_files_are_the_three_splits(tmp_path: Path) -> None:
    for split in ("train", "valid", "test"):
        (tmp_path / f"{split}.txt").write_text(f"{split}\n")
    splits = read_own(tmp_path, ("txt",), silent).splits
    assert splits == {split: ([split],) for split in ("train", "valid", "test")}


def test_splits_together_with_a_whole_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("a\n" * 20)
    (tmp_path / "test.txt").write_text("a\n")
    with pytest.raises(InputError, match="expected either text.txt or train.txt, valid.txt, test.txt"):
        read_own(tmp_path, ("txt",), silent)
