from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradus.errors import InputError
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID, SPECIAL, UNK_ID
from gradus.text.tokenizers.folder import write_folder
from gradus.text.tokenizers.tokenizer import load_tokenizer
from gradus.text.tokenizers.words import WordTokenizer, encode_words, refuse_special_words, train_words

LINES = ["b a b", "", "c a  b"]  # b three times, a twice, c once
SPACES = [chr(code) for code in range(0x110000) if chr(code).isspace()]  # 29 characters, from tab to U+3000
NO_SPACES = ["\u200b", "\u180e", "\u2060", "\ufeff", "\0", "\x7f"]  # invisible characters that do not separate words
LETTERS = ["a", "b", "\u00e9", "\uff5e", "\U0001f600", "<unk>"]  # one to four bytes each in UTF-8


def texts(*more: str) -> st.SearchStrategy[list[str]]:
    """Draw lines of few words, with many kinds of white space between words and at the ends."""
    return st.lists(st.lists(st.sampled_from([*LETTERS, *more])).map("".join))


def counted(lines: Sequence[str]) -> list[str]:
    """Return the vocabulary by its definition: sorted by falling count, then by code point."""
    counts = Counter(word for line in lines for word in line.split() if word not in SPECIAL)
    return [*SPECIAL, *sorted(counts, key=lambda word: (-counts[word], word))]


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


def test_special_pieces_in_a_text_are_unk() -> None:
    tokenizer = train_words(["<unk> a <unk> </s>"], 1)
    assert tokenizer.pieces == ["<pad>", "<unk>", "<s>", "</s>", "a"]
    assert tokenizer.encode("<unk> <pad> <s> </s> a") == [UNK_ID, UNK_ID, UNK_ID, UNK_ID, 4]


@settings(deadline=None)
@given(texts(*SPACES, *NO_SPACES), st.integers(min_value=1, max_value=3))
def test_a_text_is_split_like_str_split(lines: list[str], min_count: int) -> None:
    lines = [*lines, *["kept"] * min_count]
    tokenizer = train_words(lines, min_count)
    counts = Counter(word for line in lines for word in line.split())
    assert tokenizer.pieces == [w for w in counted(lines) if w in SPECIAL or counts[w] >= min_count]
    expected = [token_id for line in lines for token_id in (*tokenizer.encode(line), EOS_ID)]
    assert tokenizer.encode_lines(lines).tolist() == expected


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_every_white_space_character_separates_words_and_is_never_a_word(space: str) -> None:
    lines = [f"a{space}b", space, f"{space}{space}a{space}\t", f"b {space} b"]
    tokenizer = train_words(lines, 1)
    assert tokenizer.pieces[len(SPECIAL) :] == ["b", "a"]  # counts: b three, a two
    assert tokenizer.encode_lines(lines).tolist() == [5, 4, EOS_ID, EOS_ID, 5, EOS_ID, 4, 4, EOS_ID]


def test_a_text_without_lines_has_no_ids() -> None:
    assert train_words(LINES, 1).encode_lines([]).tolist() == []
    with pytest.raises(InputError, match="expected at most 0"):
        train_words([], 1)


def test_a_long_text_is_encoded_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = train_words(LINES, 1).encode_lines(LINES)
    monkeypatch.setattr("gradus.text.tokenizers.words._BATCH", 8)  # characters; the lines end at 6, 7 and 14
    n_steps: list[int] = []

    def track(items, description, total=None):
        n_steps.append(len(items))
        return iter(items)

    assert train_words(LINES, 1).encode_lines(LINES, track).tolist() == whole.tolist()
    assert n_steps == [2]


@settings(deadline=None)
@given(texts(*SPACES, *NO_SPACES), st.data())
def test_one_pass_over_blocks_gives_the_same_result_as_two_passes_over_lines(
    lines: list[str], data: st.DataObject
) -> None:
    lines = [line.replace("\n", " ") for line in [*lines, "word"]]  # a line of a file has no newline
    cuts = sorted(data.draw(st.sets(st.integers(1, len(lines)))) | {0, len(lines)})
    parts = [lines[begin:end] for begin, end in zip(cuts[:-1], cuts[1:], strict=True)]
    blocks = ["".join(f"{line}\n" for line in part).encode() for part in parts]
    tokenizer, ids = encode_words(blocks, Path("train.txt"))
    assert tokenizer.pieces == train_words(lines, 1).pieces == counted(lines)
    assert ids.dtype == np.int32
    assert ids.tolist() == tokenizer.encode_lines(lines).tolist()
    assert ids.tolist() == np.concatenate([tokenizer.encode_block(block) for block in blocks]).tolist()


@pytest.mark.parametrize("mark", ["<pad>", "<s>", "</s>"])
def test_a_mark_in_a_later_block_is_refused_with_its_line_in_the_file(mark: str) -> None:
    # line 6 is the second line of the third block
    blocks = [b"a\n\n b\n", b"<unk>\n", f"a\nb\xa0{mark} c\n".encode()]
    with pytest.raises(InputError, match=f"train: line 6: expected words other than .*, found {mark}; remove the word"):
        encode_words(blocks, Path("train"))


def test_a_text_without_words_is_refused() -> None:
    with pytest.raises(InputError, match="train: expected words, found none"):
        encode_words([b" \n", b"<unk>\n"], Path("train"))
    with pytest.raises(InputError, match="train: expected words, found none"):
        encode_words([], Path("train"))


def test_a_block_that_ends_within_a_line_is_refused() -> None:
    with pytest.raises(ValueError, match="newline"):
        train_words(LINES, 1).encode_block(b"a\nb")


def test_decoding_drops_pad_bos_and_eos() -> None:
    assert train_words(LINES, 1).decode([BOS_ID, 4, EOS_ID, 5, PAD_ID]) == "b a"


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "<unk>"])))
def test_decoding_known_words_puts_single_spaces_between_them(words: list[str]) -> None:
    tokenizer = train_words(LINES, 1)
    assert tokenizer.decode(tokenizer.encode("  ".join(words))) == " ".join(words)


def test_marks_in_a_text_are_refused_with_their_line() -> None:
    refuse_special_words(["a <unk> <b>", ""], Path("train"))
    with pytest.raises(InputError, match=r"train: line 2: expected words other than .*, found </s>; remove the word"):
        refuse_special_words(["a", "b </s>"], Path("train"))


def test_a_minimum_count_that_leaves_no_word_is_refused() -> None:
    with pytest.raises(InputError, match="expected at most 3, the count of the most frequent word, found 4"):
        train_words(LINES, 4)


def test_a_saved_vocabulary_is_the_same_tokenizer(tmp_path: Path) -> None:
    tokenizer = train_words([*LINES, "x\u00a0y ä"], 1)  # a no-break space separates words
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


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"a\nb\n", b"<pad>\n<unk>\n<s>\n</s>\n\na\n", b"<pad>\n<unk>\n<s>\n</s>\na b\n"]
    + [b"<pad>\n<unk>\n<s>\n</s>\na\na\n", b"<pad>\n<unk>\n<s>\n</s>\n<s>\n", b"<pad>\n<unk>\n<s>\n</s>\n\xff\n"],
)
def test_a_malformed_vocabulary_is_refused(tmp_path, content):
    write_folder(tmp_path, "word", content)
    with pytest.raises(InputError, match=r"vocabulary.txt: expected (the first lines|one word per line|UTF-8)"):
        load_tokenizer(tmp_path)
