from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradus.errors import InputError
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID, UNK_ID
from gradus.text.tokenizer import load_tokenizer
from gradus.text.word_tokenizer import WordTokenizer, refuse_special_words, train_words

LINES = ["b a b", "", "c a  b"]  # b three times, a twice, c once


def test_words_are_ordered_by_count_then_by_code_point() -> None:
    assert train_words([*LINES, "d"], 1).pieces == ["<pad>", "<unk>", "<s>", "</s>", "b", "a", "c", "d"]


def test_rare_words_become_unk() -> None:
    tokenizer = train_words(LINES, 2)
    assert tokenizer.size == 6
    assert tokenizer.encode("c b new a") == [UNK_ID, 4, UNK_ID, 5]
    assert tokenizer.decode([4, UNK_ID, 5]) == "b <unk> a"


def test_every_line_ends_with_eos_and_a_blank_line_is_eos_alone() -> None:
    ids = train_words(LINES, 1).encode_lines(LINES)
    assert ids.dtype == np.int32
    assert ids.tolist() == [4, 5, 4, EOS_ID, EOS_ID, 6, 5, 4, EOS_ID]


def test_a_literal_unk_is_unk_and_no_text_becomes_another_special_id() -> None:
    tokenizer = train_words(["<unk> a <unk> </s>"], 1)
    assert tokenizer.pieces == ["<pad>", "<unk>", "<s>", "</s>", "a"]
    assert tokenizer.encode("<unk> <pad> <s> </s> a") == [UNK_ID, UNK_ID, UNK_ID, UNK_ID, 4]


def test_decoding_drops_pad_bos_and_eos() -> None:
    assert train_words(LINES, 1).decode([BOS_ID, 4, EOS_ID, 5, PAD_ID]) == "b a"


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "<unk>"])))
def test_known_words_come_back_one_space_apart(words: list[str]) -> None:
    tokenizer = train_words(LINES, 1)
    assert tokenizer.decode(tokenizer.encode("  ".join(words))) == " ".join(words)


def test_marks_in_a_text_are_refused_with_their_line() -> None:
    refuse_special_words(["a <unk> <b>", ""], Path("train"))
    with pytest.raises(InputError, match=r"train: line 2: expected words other than .*, found </s>; remove it"):
        refuse_special_words(["a", "b </s>"], Path("train"))


def test_a_cut_that_leaves_no_word_is_refused() -> None:
    with pytest.raises(InputError, match="expected at most 3, the count of the most frequent word, found 4"):
        train_words(LINES, 4)


def test_a_saved_vocabulary_is_the_same_tokenizer(tmp_path: Path) -> None:
    tokenizer = train_words([*LINES, "x\u00a0y ä"], 1)  # a no-break space separates words too
    tokenizer.save(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert isinstance(loaded, WordTokenizer)
    assert (loaded.kind, loaded.pieces, loaded.sha256) == ("word", tokenizer.pieces, tokenizer.sha256)
    assert loaded.encode("ä x b") == tokenizer.encode("ä x b")


def test_a_truncated_vocabulary_is_refused(tmp_path: Path) -> None:
    train_words(LINES, 1).save(tmp_path)
    path = tmp_path / "vocabulary.txt"
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(InputError, match=r"vocabulary\.txt: expected SHA-256 .*, as tokenizer\.json says"):
        load_tokenizer(tmp_path)
    path.unlink()
    with pytest.raises(InputError, match=r"vocabulary\.txt: expected a vocabulary, found no file"):
        load_tokenizer(tmp_path)


def test_a_tokenizer_of_another_format_is_refused(tmp_path: Path) -> None:
    train_words(LINES, 1).save(tmp_path)
    about = tmp_path / "tokenizer.json"
    about.write_text(about.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(InputError, match="expected a tokenizer of format 1, found format 2, kind word"):
        load_tokenizer(tmp_path)
