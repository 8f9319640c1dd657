"""Markdown for a comment on GitHub: tables, folded blocks, and a cut that leaves both whole."""

from collections.abc import Iterable, Sequence

from gradus.markdown import literal

COMMENT_LIMIT = 65_536
"""Bytes that GitHub takes as one comment at most (it counts characters, of which there are no more)."""

_FOLD, _END, _FENCE = "<details>", "</details>", "```"
_NOTICE = "\n(The rest is cut here; the whole text is among the artifacts of this run.)\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> list[str]:
    """Return the lines of a table whose cells are Markdown already.

    Args:
        words: columns that hold words; those after them hold numbers and are aligned right.
    """
    rule = ["---" if column < words else "---:" for column in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def folded(summary: str, lines: Iterable[str]) -> list[str]:
    """Return lines that are hidden under a summary until a reader opens them."""
    return [_FOLD, f"<summary>{summary}</summary>", "", *lines, "", _END, ""]


def percent(share: float) -> str:
    """Return a signed share in per cent."""
    return "∞" if share == float("inf") else f"{100 * share:+.2f}%"


def digits(value: object) -> str:
    """Return a value that is shown in a cell; numbers have five digits."""
    if value is None:
        return "none"
    if value == float("inf"):
        return "∞"
    return literal(f"{value:.5g}" if isinstance(value, float) else str(value))


def shortened(text: str, limit: int = COMMENT_LIMIT) -> str:
    """Cut a text at the end of a line, close what is open there, and say that it was cut.

    Args:
        text: Markdown; a folded block and a fence each begin and end on lines of their own.
        limit: length of the result at most, in bytes of UTF-8; at least that of the notice and the two ends.
    """
    if len(text.encode()) <= limit:
        return text
    room = limit - len(f"\n{_FENCE}\n\n{_END}\n{_NOTICE}".encode())
    kept = text.encode()[:room].decode(errors="ignore")
    lines = kept[: kept.rfind("\n") + 1].splitlines()
    if lines and lines[-1] == _FOLD:  # its summary is gone
        lines.pop()
    if sum(line.startswith(_FENCE) for line in lines) % 2:
        lines.append(_FENCE)
    if lines.count(_FOLD) > lines.count(_END):
        lines += ["", _END]
    return "\n".join(lines) + "\n" + _NOTICE
