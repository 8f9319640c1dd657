"""Report on a branch, as the text of a comment on a pull request."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from gradus.markdown import literal
from gradus.params import read_params
from gradus.pipeline.dvc import PARAMS, commit_of, git
from gradus.review.charts import charts
from gradus.review.comparison import Comparison, compare
from gradus.review.judgement import headline, judged_table, mark, notes, tally
from gradus.review.markdown import COMMENT_LIMIT, digits, folded, percent, shortened, table
from gradus.review.numbers import Change, differences
from gradus.review.policy import CIConfig, read_policy
from gradus.review.scores import scores_of
from gradus.review.sides import Side, all_models, read_commit, read_side
from gradus.review.staleness import Stale, stale_sentence, stale_stages

MARK = "<!-- gradus ci report -->"
"""The first line of every report; a reader of the page does not see it."""

_SHOWN = 20
"""Parameters that are listed above the fold."""
_GENERATED = ("generation.", "natural_text.")
"""Keys of what a model's own text is like."""


def describe_changes(base: str, *, limit: int = COMMENT_LIMIT) -> str:
    """Compare the working tree with a commit: parameters, metrics, pictures.

    Names and values come from the branch and are shown literally: none becomes a cell, a tag, a link or a mention.

    Args:
        base: a branch, tag or commit of this clone.
        limit: length of the text at most, in bytes.
    Returns:
        Markdown: a line of verdict and, if anything moves, the headline table, the parameters and charts; all else
        is folded. Numbers that differ by no more than `ci.tolerance` of params.yaml are left out.
    Raises:
        InputError: if this clone has no such commit, or a file of either side is broken.
        RunError: if DVC fails.
    """
    commit, tolerance = commit_of(base), read_params(PARAMS, "ci", CIConfig).tolerance
    old, new = read_commit(commit), read_side(Path())
    stale = stale_stages(new)
    with scores_of(commit, old, new) as scores:
        comparisons = compare(read_policy(), scores)
    moved = [each for each in comparisons if abs(each.relative) > tolerance]
    above = [*_headlines(moved), *_parameters(differences(old.params, new.params, tolerance=0.0)), *charts(moved)]
    below = [*_judged(moved), *_pictures(commit), *_numbers(old, new, tolerance)]
    verdict = _verdict(comparisons, moved, anything=bool(above or below))
    lines = [MARK, f"**{verdict} against {literal(base)} ({commit[:10]}).**", "", *_staleness(stale), *above, *below]
    return shortened("\n".join(lines).rstrip("\n") + "\n", limit)


def _verdict(comparisons: Sequence[Comparison], moved: Sequence[Comparison], *, anything: bool) -> str:
    if not moved:
        return "No model moves" if anything else "Nothing moves"
    verb = "move" if len(moved) > 1 else "moves"
    return f"{len(moved)} of {len(comparisons)} models {verb}: {tally(moved)}"


def _staleness(stale: Stale) -> list[str]:
    if not stale:
        return []
    return [f"**Not re-run**: {stale_sentence(stale)}. The numbers below are of the former run.", ""]


def _headlines(moved: Sequence[Comparison]) -> list[str]:
    head = ["Model", "Measure on the test text", "", "Before", "After", "Change"]
    rows = [
        [str(each.model), headline(each), mark(each), digits(each.before), digits(each.after), _relative(each)]
        for each in moved
    ]
    return [*table(head, rows, words=3), ""] if moved else []


def _relative(each: Comparison) -> str:
    return "" if each.before is None or each.after is None else percent(each.relative)


def _parameters(changes: Sequence[Change]) -> list[str]:
    if not changes:
        return []
    shown, rest = changes[:_SHOWN], changes[_SHOWN:]
    more = folded(f"{len(rest)} more parameters", _changes(rest)) if rest else []
    return ["Parameters that changed:", "", *_changes(shown), "", *more]


def _changes(changes: Iterable[Change]) -> list[str]:
    return table(["What", "Before", "After"], [[literal(key), digits(old), digits(new)] for key, old, new in changes])


def _judged(moved: Sequence[Comparison]) -> list[str]:
    return folded("How it was judged", [*judged_table(moved), "", *notes(moved)]) if moved else []


def _pictures(commit: str) -> list[str]:
    # git then quotes every name that holds a line end or other than ASCII
    paths = git("-c", "core.quotePath=true", "diff", "--name-only", commit, "--", "metrics/plots").splitlines()
    names = [f"- {literal(path.removeprefix('metrics/plots/'))}" for path in paths]
    return folded("Pictures that differ; the page among this run's artifacts shows them", names) if names else []


def _numbers(old: Side, new: Side, tolerance: float) -> list[str]:
    """Return every number that differs, folded by model, those of generated text last."""
    first, last = [], []
    for model in all_models(old, new):
        changes = differences(old.metrics.get(model, {}), new.metrics.get(model, {}), tolerance=tolerance)
        generated = [change for change in changes if change[0].startswith(_GENERATED)]
        others = [change for change in changes if change not in generated]
        first += folded(f"{model}: {_count(others)}", _changes(others)) if others else []
        last += folded(f"{model}: {_count(generated)} of its own text", _changes(generated)) if generated else []
    return first + last


def _count(changes: Sequence[Change]) -> str:
    return f"{len(changes)} number{'s' if len(changes) > 1 else ''}"
