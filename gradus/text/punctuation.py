"""Separate punctuation from unknown words, so that a person need not know where a word tokenizer expects spaces.

The text of most corpora has spaces around punctuation: `The king sleeps .`. A person writes `The king sleeps.`, and a
word tokenizer does not know the word `sleeps.`. These functions are for text that a person gives a model to continue
or to translate. They are not used to score a text, because a text that is measured must be taken as it is.
"""

import unicodedata
from collections.abc import Callable

from gradus.text.special import UNK_ID
from gradus.text.tokenizers.tokenizer import Tokenizer

MOST = 8
"""Maximum number of characters at each end of a word that are tried one by one in the search for a known word."""


def separate_punctuation(line: str, tokenizer: Tokenizer) -> str:
    """Separate punctuation from the unknown words of a line by spaces, if the tokenizer is a word tokenizer.

    A character at the start or the end of an unknown word is separated if it belongs to a Unicode category of
    punctuation or symbols (P or S), and is itself a word of the vocabulary. As few characters as possible are separated
    so that the rest is a known word. If no rest is known, all such characters are separated.

    With the words `king`, `Mr.`, `(`, `)` and `.`:

        king.    ->  king .
        (Mr.)    ->  ( Mr. )
        unicorn. ->  unicorn .
        king!    ->  king!          (the vocabulary has no `!`)

    A line without such words, and a line for another tokenizer, is returned as it is.
    """
    if tokenizer.kind != "word" or UNK_ID not in tokenizer.encode(line):
        return line
    return " ".join(part for word in line.split() for part in _parts(word, lambda text: _is_known(text, tokenizer)))


def unknown_words(line: str, tokenizer: Tokenizer) -> tuple[str, ...]:
    """Return the words of a line that have a piece outside the vocabulary, each once, in the order of the line."""
    if UNK_ID not in tokenizer.encode(line):
        return ()
    return tuple(dict.fromkeys(word for word in line.split() if UNK_ID in tokenizer.encode(word)))


def _is_known(word: str, tokenizer: Tokenizer) -> bool:
    return UNK_ID not in tokenizer.encode(word)


def _parts(word: str, known: Callable[[str], bool]) -> list[str]:
    """Split a word into separated characters at its start, the rest, and separated characters at its end."""
    if known(word):
        return [word]

    def count(characters: str) -> int:
        """Return the number of characters, from the first one on, that may be separated."""
        marks = (unicodedata.category(one)[0] in "PS" and known(one) for one in characters)
        return next((number for number, mark in enumerate(marks) if not mark), len(characters))

    before = count(word)
    after = count(word[before:][::-1])
    ends = [(i, j) for i in range(min(before, MOST) + 1) for j in range(min(after, MOST) + 1) if i + j < len(word)]
    fewest = sorted(ends, key=sum)
    begin, end = next(((i, j) for i, j in fewest if known(word[i : len(word) - j])), (before, after))
    rest = word[begin : len(word) - end]
    return [*word[:begin], *([rest] if rest else []), *word[len(word) - end :]]
