"""Estimate the width of text that a browser will draw with fonts that are unknown here."""

import unicodedata

from gradus.reporting.visible import label

SIZE = 10.0
"""Size of all text in plots, in points."""

_NARROW = frozenset("fijlrtI.,:;'|!()[]{}/\\` -")
_BROAD = frozenset("mwMW@%—…")


def text_width(text: str) -> float:
    """Return an upper estimate of the width of a text, in points.

    Letters are about as wide as in DejaVu Sans and Verdana, which are the widest common fonts. Characters that are wide
    by their East Asian Width take one em, emoji one and a quarter, combining marks none.
    """
    return SIZE * sum(map(_ems, text))


def _ems(character: str) -> float:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.25 if unicodedata.category(character) == "So" else 1.0
    if character in _NARROW:
        return 0.42
    return 1.0 if character in _BROAD else 0.78 if character.isupper() else 0.64


def fitted(text: str, most: float) -> str:
    """Convert a text to a label that is at most `most` points wide; of a longer text, the middle is left out."""
    return cut(label(text), most)


def cut(text: str, most: float) -> str:
    """Leave out the middle of a text that is wider than `most` points."""
    half = len(text)
    shown = text
    while text_width(shown) > most and half > 1:
        half -= 1
        shown = f"{text[: (half + 1) // 2]}…{text[len(text) - half // 2 :]}"
    return shown
