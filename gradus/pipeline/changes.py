"""What a branch moves, as the text of a comment on a pull request."""

from collections.abc import Iterable, Mapping
from typing import Any

from gradus.pipeline.dvc import commit_of, dvc_json, git

COMMENT_LIMIT = 65_536
"""Bytes that GitHub takes as one comment at most (it counts characters, of which there are no more)."""

Changes = Mapping[str, Mapping[str, Mapping[str, Any]]]


def describe_changes(base: str, *, pictures: str = "", limit: int = COMMENT_LIMIT) -> str:
    """Compare the working tree with a commit: parameters, metrics, plots.

    Args:
        base: a branch, tag or commit of this clone.
        pictures: address under which the files of this tree can be looked at, without a slash at the end;
            without one, plots are only named.
        limit: length of the text at most, in bytes.
    Returns:
        Markdown. Values that look equal at five significant digits are left out.
    Raises:
        InputError: if this clone has no such commit.
        RunError: if DVC cannot read one of the two sides.
    """
    commit = commit_of(base)
    parts = [
        f"## What moves against {base} ({commit[:10]})",
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
            old, new = _shown(sides.get("old")), _shown(sides.get("new"))
            if old != new:
                rows.append(f"| {where} | {key} | {old} | {new} | {_change(sides)} |")
    return rows


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.5g}"
    return str(value).replace("|", "\\|").replace("\n", " ")


def _change(sides: Mapping[str, Any]) -> str:
    difference = sides.get("diff")
    return f"{difference:+.3g}" if isinstance(difference, int | float) else ""


def _plots(commit: str, pictures: str) -> Iterable[str]:
    moved = git("diff", "--name-only", commit, "--", "metrics/plots").split()
    yield "\n### Plots\n"
    if not moved:
        yield "Nothing moves."
    for path in moved:
        name = path.rpartition("/")[2]
        yield f"![{name}]({pictures}/{path})" if pictures else f"- {name}"


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
