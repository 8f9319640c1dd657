"""Types of the values in a registry of corpora. A registry may come from a stranger, so each type is narrow."""

from typing import Annotated

from pydantic import AfterValidator, Field

Checksum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""A SHA-256 checksum in hexadecimal digits."""
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]
"""A file name that cannot lead out of its folder, or a code of a language, which becomes a part of file names."""
Printable = Annotated[str, Field(pattern=r"^\P{C}*$", max_length=1000)]
"""One line of text that is safe to print on a terminal: no control and no format characters."""


def _require_stated(text: str) -> str:
    if not (text.isprintable() and any(map(str.isalnum, text))):
        raise ValueError("printable text with at least one letter or digit")
    return text


Stated = Annotated[str, Field(max_length=1000), AfterValidator(_require_stated)]
"""Printable text that says something."""

LARGEST = 2**30
"""Maximum number of bytes of one text file of a corpus."""
LARGEST_DOWNLOAD = 2**32
"""Maximum number of bytes that one dataset of a library may take before gradus extracts the text."""
