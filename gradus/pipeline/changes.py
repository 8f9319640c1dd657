"""What a branch moves, as the text of a comment on a pull request."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gradus.errors import InputError
from gradus.pipeline.dvc import commit_of, dvc_json, git
from gradus.pipeline.literal import literal

MARK = "<!-- gradus ci report -->"
"""The first line of every report; a reader of the page does not see it."""

COMMENT_LIMIT = 65_536
"""Bytes that GitHub takes as one comment at most (it counts characters, of which there are no more)."""

Changes = Mapping[str, Mapping[str, Mapping[str, Any]]]

_ADDRESS = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9._~:/%+-]*[A-Za-z0-9]")
_PICTURE = re.compile(r"metrics/plots/([A-Za-z0-9][A-Za-z0-9_]*\.(svg|png))")


def describe_changes(base: str, *, pictures: str = "", limit: int = COMMENT_LIMIT) -> str:
    """Compare the working tree with a commit: parameters, metrics, plots.

    Names and values come from the branch and are shown literally: none becomes a cell, a tag, a link or a mention.

    Args:
        base: a branch, tag or commit of this clone.
        pictures: address under which the files of this tree can be looked at, without a slash at the end;
            without one, plots are only named.
        limit: length of the text at most, in bytes.
    Returns:
        Markdown. Values that look equal at five significant digits are left out.
    Raises:
        InputError: if this clone has no such commit, or `pictures` is no address.
        RunError: if DVC cannot read one of the two sides.
    """
    if pictures and not _ADDRESS.fullmatch(pictures):
        raise InputError(
            "--pictures",
            expected="an address (https://...) of letters, digits and . _ ~ : / % + -",
            found=repr(pictures),
            remedy="correct it, or leave it out",
        )
    commit = commit_of(base)
    parts = [
        MARK,
        f"## What moves against {literal(base)} ({commit[:10]})",
        *_section("Parameters", _rows(dvc_json("params", "diff", commit), "params.yaml")),
        *_section("Metrics", _rows(dvc_json("metrics", "diff", commit), "metrics/")),
        *_plots(commit, pictures),
    ]
    return shortened("\n".join(parts) + "\n", limit)


def _section(title: str, rows: list[str]) -> list[str]:
    head = ["| Where | What | Before | After | Change |", "| --- | --- | ---: | ---: | ---: |"]
    return [f"\n### {title}\n", *(head + rows if rows else ["Nothing moves."])]


def _rows(changes: Changes, prefix: str) -> list[str]:
    """Return a table's rows, one for each value whose five digits differ."""
    rows = []
    for path, values in sorted(changes.items()):
        where = path.removeprefix(prefix).removesuffix(".json") or "params"
        for key, sides in sorted(values.items()):
            old, new = _digits(sides.get("old")), _digits(sides.get("new"))
            if old != new:
                rows.append(f"| {' | '.join(map(literal, (where, key, old, new)))} | {_change(sides)} |")
    return rows


def _digits(value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _change(sides: Mapping[str, Any]) -> str:
    difference = sides.get("diff")
    try:
        return f"{difference:+.3g}" if isinstance(difference, int | float) else ""
    except OverflowError:  # an integer beyond the largest float
        return ""


def _plots(commit: str, pictures: str) -> Iterable[str]:
    # git then quotes every name that holds a line end or other than ASCII
    moved = git("-c", "core.quotePath=true", "diff", "--name-only", commit, "--", "metrics/plots").splitlines()
    yield "\n### Plots\n"
    if not moved:
        yield "Nothing moves."
    for path in moved:
        picture = _PICTURE.fullmatch(path)
        if pictures and picture:
            yield f"![{picture[1]}]({pictures}/{path})"
        else:
            yield f"- {literal(path.removeprefix('metrics/plots/'))}"


def shortened(text: str, limit: int) -> str:
    """Cut a text at the end of a line, so that no row of a table is torn, and say that it was cut.

    Args:
        text: any Markdown.
        limit: length of the result at most, in bytes of UTF-8; at least that of the notice.
    """
    if len(text.encode()) <= limit:
        return text
    notice = "\n(The rest is cut here; the whole text is among the artifacts of this run.)\n"
    kept = text.encode()[: limit - len(notice.encode())].decode(errors="ignore")
    return kept[: kept.rfind("\n") + 1] + notice
