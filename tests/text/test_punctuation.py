"""Punctuation is separated from unknown words only, and only where its characters are words themselves."""

import time

import pytest

from gradus.text.punctuation import separate_punctuation, unknown_words
from gradus.text.special import SPECIAL
from gradus.text.tokenizers.subwords import train_sentencepiece
from gradus.text.tokenizers.words import WordTokenizer

WORDS = WordTokenizer([*SPECIAL, "king", "Mr.", "'tis", "(", ")", ".", "'", "$", "5", "x"])


@pytest.mark.parametrize(
    ("line", "separated"),
    [
        ("king.", "king ."),
        ("(king.)", "( king . )"),
        ("(Mr.)", "( Mr. )"),  # `Mr.` is a word, so its full stop stays
        ("'tis.", "'tis ."),  # and so does this apostrophe
        ("unicorn.", "unicorn ."),
        ("(unicorn).", "( unicorn ) ."),
        ("king!", "king!"),  # `!` is no word
        ("king!.", "king! ."),
        ("$5", "$ 5"),
        ("xking", "xking"),  # a letter is no punctuation, even where it is a word
        ("...", ". . ."),
        ("king  .", "king  ."),  # every word is known: nothing changes
        ("", ""),
        ("</s>", "</s>"),
    ],
)
def test_as_few_characters_as_possible_are_separated(line: str, separated: str) -> None:
    assert separate_punctuation(line, WORDS) == separated


def test_unknown_words_are_named_once_in_their_order() -> None:
    assert unknown_words("zebra king ape zebra .", WORDS) == ("zebra", "ape")
    assert unknown_words("king .", WORDS) == ()


def test_other_tokenizers_keep_the_line_and_name_words_with_unknown_characters() -> None:
    pieces = train_sentencepiece(["the king sleeps ."] * 9, "char", None)
    assert separate_punctuation("kings.é", pieces) == "kings.é"
    assert unknown_words("the éking sleeps", pieces) == ("éking",)


def test_a_very_long_word_takes_no_long_time() -> None:
    begun = time.perf_counter()
    assert separate_punctuation("(" * 50_000 + "y" + ")" * 50_000, WORDS).count(" ") == 100_000
    assert time.perf_counter() - begun < 5
