import io
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from gradus.errors import InputError
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID, UNK_ID
from gradus.text.tokenizers.folder import write_folder
from gradus.text.tokenizers.subwords import SentencePieceKind, SentencePieceTokenizer, train_sentencepiece
from gradus.text.tokenizers.tokenizer import load_tokenizer

# tab, carriage return, controls, line separators, no-break space, combining accent, wide space, emoji
ODD = "\t\r\x01\x7f\u2028\x85\u00a0\u0301\u3000🙂"
NOUNS, VERBS, PLACES = ("cat", "dog", "horse"), ("sat", "stood", "rested"), ("mat", "roof", "meadow")
LINES = [
    "the cat  sat on the mat",
    " the dogs sat down ",
    "",
    "   ",
    f"é{ODD} <s> </s> <pad> <unk> ⁇",
    "a mat, a cat; a dog" * 300,  # longer than SentencePiece reads by default
    "ends with a rare Q" + " and then on" * 500,
    *(f"the {noun}s {verb} on the {place}" for noun in NOUNS for verb in VERBS for place in PLACES),
] * 3
ALPHABET = "".join(sorted(set().union(*LINES)))
SIZES: dict[SentencePieceKind, int | None] = {"unigram": 56, "bpe": 90, "char": None}
TRAINED = {kind: train_sentencepiece(LINES, kind, size) for kind, size in SIZES.items()}

every_kind = pytest.mark.parametrize("kind", SIZES)
any_line = st.one_of(
    st.text(ALPHABET, max_size=40),
    st.lists(st.sampled_from(["the", "cat", " ", "  ", "\t", "</s>", "<s>", "<pad>", "<unk>"])).map("".join),
)


@every_kind
@settings(deadline=None)
@given(line=any_line)
def test_decoding_restores_a_line_of_known_characters(kind: SentencePieceKind, line: str) -> None:
    tokenizer = TRAINED[kind]
    ids = tokenizer.encode(line)
    assert tokenizer.decode(ids) == line
    assert not {PAD_ID, UNK_ID, BOS_ID, EOS_ID}.intersection(ids)  # text is never encoded as a special piece


@every_kind
def test_the_ids_of_a_text_are_the_ids_of_its_lines_with_eos(kind: SentencePieceKind) -> None:
    tokenizer = TRAINED[kind]
    lines = [line[:200] for line in LINES] * 60  # more than one batch
    expected = [token_id for line in lines for token_id in (*tokenizer.encode(line), EOS_ID)]
    assert tokenizer.encode_lines(lines).tolist() == expected
    assert tokenizer.encode_lines(["", ""]).tolist() == [EOS_ID, EOS_ID]


@every_kind
def test_the_first_four_ids_are_the_special_pieces(kind: SentencePieceKind) -> None:
    assert TRAINED[kind].pieces[:4] == ["<pad>", "<unk>", "<s>", "</s>"]
    assert TRAINED[kind].size == (SIZES[kind] or len(ALPHABET) + 4)


@settings(deadline=None)
@given(line=any_line)
def test_char_has_one_token_per_character(line: str) -> None:
    assert len(TRAINED["char"].encode(line)) == len(line)


@every_kind
def test_unknown_and_reserved_characters_are_unk(kind: SentencePieceKind) -> None:
    tokenizer = TRAINED[kind]
    assert tokenizer.decode(tokenizer.encode("a\u2581a")) == "a<unk>a"  # SentencePiece alone would decode it to a space
    assert tokenizer.decode(tokenizer.encode("a\u2585a")) == "a<unk>a"
    assert tokenizer.decode(tokenizer.encode("aЖa")) == "a<unk>a"
    assert UNK_ID in tokenizer.encode_lines(["a\u2581a"])


@every_kind
def test_reserved_characters_in_training_text_leave_the_other_characters_known(kind: SentencePieceKind) -> None:
    # SentencePiece alone would leave a line with U+2585 out of training
    lines = [*LINES, "ж\u2585щ", "ю\u2581я"]
    tokenizer = train_sentencepiece(lines, kind, SIZES[kind])
    assert tokenizer.decode(tokenizer.encode("жщюя")) == "жщюя"


@every_kind
def test_decoding_drops_pad_bos_and_eos(kind: SentencePieceKind) -> None:
    tokenizer = TRAINED[kind]
    assert tokenizer.decode([BOS_ID, *tokenizer.encode(" the cat"), EOS_ID, PAD_ID]) == " the cat"


@every_kind
def test_equal_text_gives_equal_bytes(kind: SentencePieceKind, tmp_path: Path) -> None:
    tokenizer = TRAINED[kind]
    train_sentencepiece(LINES, kind, SIZES[kind]).save(tmp_path)
    assert load_tokenizer(tmp_path).sha256 == tokenizer.sha256
    assert str(tmp_path).encode() not in (tmp_path / "sentencepiece.model").read_bytes()


@every_kind
def test_a_saved_model_is_the_same_tokenizer(kind: SentencePieceKind, tmp_path: Path) -> None:
    TRAINED[kind].save(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert loaded.kind == kind
    assert loaded.pieces == TRAINED[kind].pieces
    assert loaded.encode("the cat") == TRAINED[kind].encode("the cat")


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_the_largest_size_named_by_an_error_works(kind: SentencePieceKind) -> None:
    with pytest.raises(InputError) as caught:
        train_sentencepiece(LINES, kind, 5000)
    assert caught.value.found == "5000"
    largest = int(caught.value.expected.removeprefix("at most ").split(",")[0])
    assert train_sentencepiece(LINES, kind, largest).size == largest


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_the_smallest_size_named_by_an_error_works(kind: SentencePieceKind) -> None:
    with pytest.raises(InputError) as caught:
        train_sentencepiece(LINES, kind, 10)
    smallest = len(ALPHABET) + 4  # the characters, with the space, and the special pieces
    assert caught.value.expected.startswith(f"at least {smallest},")
    assert train_sentencepiece(LINES, kind, smallest).size == smallest


def test_a_broken_model_is_refused() -> None:
    with pytest.raises(InputError, match="m.model: expected a SentencePiece model"):
        SentencePieceTokenizer("bpe", b"no model", "m.model")


def test_models_that_gradus_did_not_train_are_refused(tmp_path):
    content = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c"] * 9), model_writer=content, model_type="char", vocab_size=7, minloglevel=2
    )  # default special pieces of SentencePiece: UNK is 0, and there is no PAD
    for model, found in ((content.getvalue(), "other special pieces"), (b"", "an empty file"), (b"x" * 9, "")):
        write_folder(tmp_path, "char", model)
        with pytest.raises(InputError, match=f"expected a SentencePiece model that gradus trained, found .*{found}"):
            load_tokenizer(tmp_path)
