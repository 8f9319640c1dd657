"""Text of corpora and of files, made harmless where it is shown: nothing hidden, nothing endless."""

import unicodedata

LONGEST_LABEL = 32
"""Characters of a label in a plot at most."""
LONGEST_SAMPLE = 5000
"""Characters of a sample text at most."""

_HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}  # control, format, surrogate, unassigned, line and paragraph separator
_JOINERS = "\u200c\u200d"  # format characters without which Persian and Hindi words, and emoji, fall apart


def visible(text: str, keep: str = "") -> str:
    """Return a text with its escape, as in Python, for every character that is invisible or turns others around.

    XML forbids most of these characters, a newline ends a row of a table, and U+202E reverses what follows.

    Args:
        text: any text, lone surrogates included.
        keep: characters to leave as they are.
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _HIDDEN and character not in keep + _JOINERS
        else character
        for character in text
    )


def label(text: str) -> str:
    """Return a text as the label of a plot; of a long one the beginning and the end, which tell names apart."""
    shown = visible(text[:LONGEST_LABEL] + text[LONGEST_LABEL:][-LONGEST_LABEL:])
    half = (LONGEST_LABEL - 1) // 2
    return shown if len(shown) <= LONGEST_LABEL else f"{shown[:half]}…{shown[-half:]}"


def sample(text: str) -> str:
    """Return a text as a sample of several lines, the beginning of a long one."""
    return visible(text[:LONGEST_SAMPLE], keep="\n") + "…" * (len(text) > LONGEST_SAMPLE)
