"""Make text from corpora and files safe to display: escape invisible characters and shorten long texts."""

import unicodedata

LONGEST_LABEL = 32
"""Maximum number of characters of a label in a plot."""
LONGEST_SAMPLE = 5000
"""Maximum number of characters of a sample text."""

_HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}  # control, format, surrogate, unassigned, line and paragraph separator
_JOINERS = "\u200c\u200d"  # format characters that Persian, Hindi and emoji need


def visible(text: str, keep: str = "") -> str:
    """Replace every invisible or direction-changing character by its Python escape sequence.

    These characters would damage the report: XML forbids most of them, a newline ends a row of a table, and U+202E
    reverses the text after it.

    Args:
        text: any text; lone surrogates are allowed.
        keep: characters that are not replaced.
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _HIDDEN and character not in keep + _JOINERS
        else character
        for character in text
    )


def label(text: str) -> str:
    """Convert a text to a label of a plot. A long text is shortened to its beginning and its end."""
    # The text is cut before it is escaped, because it can have millions of characters.
    shown = visible(text[:LONGEST_LABEL] + text[LONGEST_LABEL:][-LONGEST_LABEL:])
    half = (LONGEST_LABEL - 1) // 2
    return shown if len(shown) <= LONGEST_LABEL else f"{shown[:half]}…{shown[-half:]}"


def sample(text: str) -> str:
    """Convert a text to a sample of the report. Line breaks are kept, and the end of a long text is cut off."""
    return visible(text[:LONGEST_SAMPLE], keep="\n") + "…" * (len(text) > LONGEST_SAMPLE)
