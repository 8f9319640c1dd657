"""Write Markdown for a comment on GitHub: tables, folded blocks, and shortened texts."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from gradus.artifacts.inputs import read_bytes
from gradus.markdown import literal

COMMENT_LIMIT = 65_536
"""Maximum length of a comment in bytes. GitHub limits characters, but a text never has more characters than bytes."""

_FOLD, _END, _FENCE = "<details>", "</details>", "```"
_NOTICE = "\n(The rest is left out here; the artifacts of this run contain the whole text.)\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> list[str]:
    """Return the lines of a Markdown table.

    Args:
        head: names of the columns.
        rows: rows of cells; each cell is Markdown.
        words: number of columns on the left that contain words. The other columns are right-aligned.
    """
    rule = ["---" if column < words else "---:" for column in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def folded(summary: str, lines: Iterable[str]) -> list[str]:
    """Return Markdown that shows only a summary until a reader clicks on the summary."""
    return [_FOLD, f"<summary>{summary}</summary>", "", *lines, "", _END, ""]


def percent(share: float) -> str:
    """Format a fraction as a percentage with its sign, such as +1.50%."""
    return "∞" if share == float("inf") else f"{100 * share:+.2f}%"


def digits(value: object) -> str:
    """Format a value for a table cell; floats get five significant digits."""
    if value is None:
        return "none"
    if value == float("inf"):
        return "∞"
    return literal(f"{value:.5g}" if isinstance(value, float) else str(value))


def joined_comment(paths: Iterable[Path]) -> str:
    """Join Markdown files into one comment; shorten the comment if it is too long for GitHub.

    Raises:
        InputError: if a file is missing, or larger than 64 MiB.
    """
    contents = [read_bytes(path, "a Markdown file", "write this file first", most=1 << 26) for path in paths]
    return shortened("\n".join(content.decode(errors="replace") for content in contents))


def shortened(text: str, limit: int = COMMENT_LIMIT) -> str:
    """Shorten a text that is longer than the limit: remove lines at the end, close open blocks, and add a notice.

    Args:
        text: Markdown in which folded blocks and fences begin and end on lines of their own.
        limit: maximum length of the result, in bytes of UTF-8.
    """
    if len(text.encode()) <= limit:
        return text
    # Reserve space for everything that may be appended below.
    space = limit - len(f"\n{_FENCE}\n\n{_END}\n{_NOTICE}".encode())
    kept = text.encode()[:space].decode(errors="ignore")
    lines = kept[: kept.rfind("\n") + 1].splitlines()
    if lines and lines[-1] == _FOLD:  # the line with the summary was removed, so the block would have no title
        lines.pop()
    if sum(line.startswith(_FENCE) for line in lines) % 2:
        lines.append(_FENCE)
    if lines.count(_FOLD) > lines.count(_END):
        lines += ["", _END]
    return "\n".join(lines) + "\n" + _NOTICE
