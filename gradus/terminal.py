"""Colours for text in a terminal. Files, pipes and terminals without colours get plain text.

The environment variable NO_COLOR (any value) and `TERM=dumb` turn colours off.
"""

import os
import re
import sys
from typing import Literal, TextIO

Style = Literal["error", "warning", "heading", "name", "bar", "faint"]

_CODES: dict[Style, str] = {
    "error": "1;31",  # bold red
    "warning": "33",  # yellow
    "heading": "1",  # bold
    "name": "36",  # cyan
    "bar": "34",  # blue
    "faint": "2",
}
"""SGR parameters of ECMA-48, which every terminal with colours knows."""

_HEADING = re.compile(r"^([A-Z][A-Za-z ]*:)", re.MULTILINE)
_TERM = re.compile(r"^(  )(\S+(?:, \S+)*)(?=\s{2,}| <|$)", re.MULTILINE)


def shows_colours(stream: TextIO | None) -> bool:
    """Say whether a stream is a terminal with colours."""
    if stream is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(stream)


def is_terminal(stream: TextIO | None) -> bool:
    """Say whether a stream is an open terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # the stream is closed
        return False


def paint(text: str, style: Style, *, err: bool = False) -> str:
    """Return a text with the escape codes of a style, or the text itself if the stream shows no colours.

    Args:
        text: text without line breaks.
        style: what the text is.
        err: whether the text is for standard error. By default, it is for standard output.
    """
    if not shows_colours(sys.stderr if err else sys.stdout):
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def paint_help(text: str) -> str:
    """Paint the headings, options, arguments and commands of a help text for standard output."""
    if not shows_colours(sys.stdout):
        return text
    painted = _HEADING.sub(lambda found: paint(found[1], "heading"), text)
    return _TERM.sub(lambda found: found[1] + paint(found[2], "name"), painted)
