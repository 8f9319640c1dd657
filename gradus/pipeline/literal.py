"""Text of strangers as Markdown that shows it and does nothing else."""

import re
import unicodedata

LONGEST = 100
"""Characters of a text that are shown at most."""

_PART = r"[A-Za-z0-9][A-Za-z0-9_]*"
_PLAIN = re.compile(rf"{_PART}([./]{_PART})*|[+-]?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?")
_LINKED = re.compile(r"www|[0-9a-f]{7}", re.IGNORECASE)


def literal(text: str, longest: int = LONGEST) -> str:
    """Return a text as inline Markdown for a table's cell, a heading or a list on GitHub.

    Plain names and numbers stay as they are. All else goes into `<code>`, where GitHub looks for no mention
    and no issue number; punctuation becomes entities, so that none of it is markup or the end of a cell; what is
    invisible or changes the text around it (line ends, control and format characters, combining marks) becomes
    its escape, as in Python.

    Args:
        text: any text, lone surrogates included.
        longest: characters that are shown at most; a longer text ends in an ellipsis.
    """
    if len(text) <= longest and _PLAIN.fullmatch(text) and not _LINKED.search(text):
        return text
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return f"<code>{''.join(map(_shown, cut))}</code>" if cut else "<code> </code>"


def _shown(character: str) -> str:
    if not character.isprintable() or unicodedata.category(character).startswith("M"):
        return "".join(map(_shown, character.encode("unicode_escape").decode()))
    if not character.isascii() or character.isalnum() or character == " ":
        return character
    # An entity does not keep GitHub from making an e-mail address a link; a tag within the address does.
    return f"&#{ord(character)};" + ("<wbr>" if character == "@" else "")
