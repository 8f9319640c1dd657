"""Safe display of text from corpora and files: no invisible characters, no endless text."""

import unicodedata

LONGEST_LABEL = 32
"""Largest number of characters of a label in a plot."""
LONGEST_SAMPLE = 5000
"""Largest number of characters of a sample text."""

_HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}  # control, format, surrogate, unassigned, line and paragraph separator
_JOINERS = "\u200c\u200d"  # format characters that Persian, Hindi and emoji need


def visible(text: str, keep: str = "") -> str:
    """Replace every invisible or direction-changing character by its Python escape.

    XML forbids most of these characters, a newline would end a row of a table, and U+202E reverses the text after it.

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
    """Return a text as the label of a plot, shortened to its beginning and its end if it is long."""
    shown = visible(text[:LONGEST_LABEL] + text[LONGEST_LABEL:][-LONGEST_LABEL:])
    half = (LONGEST_LABEL - 1) // 2
    return shown if len(shown) <= LONGEST_LABEL else f"{shown[:half]}…{shown[-half:]}"


def sample(text: str) -> str:
    """Return a text as a sample of several lines, cut off if it is long."""
    return visible(text[:LONGEST_SAMPLE], keep="\n") + "…" * (len(text) > LONGEST_SAMPLE)
