"""Escape text for Markdown, so that a reader sees the text exactly, without markup, links or mentions."""

import re
import unicodedata

LONGEST = 100
"""Maximum number of characters that `literal` shows."""

# What GitHub reads as markup: punctuation, underscores at the ends of words, and the start of a web address.
_MARKUP = re.compile(r"[\\|`*<>&\[\]~$@]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|:(?=//)|(?<=www)\.")
_PART = r"[A-Za-z0-9][A-Za-z0-9_]*"
_PLAIN = re.compile(rf"{_PART}([./]{_PART})*|[+-]?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?")
_LINKED = re.compile(r"www|[0-9a-f]{7}", re.IGNORECASE)  # web addresses, and hashes of commits


def escape(text: str) -> str:
    """Replace Markdown punctuation in a printable text by HTML entities; leave words and numbers as they are."""
    return _MARKUP.sub(lambda found: _entity(found[0]), text)


def literal(text: str, longest: int = LONGEST) -> str:
    """Write untrusted text as inline Markdown for a table cell, a heading or a list item in a comment on GitHub.

    Plain names and numbers stay as they are. Other texts become `<code>`, because GitHub makes no links from mentions
    (@name) and issue numbers (#12) inside `<code>`. Punctuation becomes HTML entities. Invisible characters and
    combining marks become Python escapes.

    Args:
        text: any text, lone surrogates included.
        longest: maximum number of characters; a longer text is cut, and an ellipsis marks the cut.
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
    # GitHub links an e-mail address although its @ is an entity, but not if a tag interrupts it.
    return _entity(character) + ("<wbr>" if character == "@" else "")


def _entity(character: str) -> str:
    return f"&#{ord(character)};"
