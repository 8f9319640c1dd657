"""Report on the changes of a branch, for a comment on a pull request."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from gradus.markdown import literal
from gradus.params import read_params
from gradus.pipeline.dvc import PARAMS, commit_of, git
from gradus.review.charts import charts
from gradus.review.comparison import Comparison, compare
from gradus.review.markdown import COMMENT_LIMIT, digits, folded, percent, shortened, table
from gradus.review.numbers import Change, differences
from gradus.review.policy import CIConfig, read_policy
from gradus.review.scores import scores_of
from gradus.review.sides import Side, all_models, read_commit, read_side
from gradus.review.staleness import Stale, stale_sentence, stale_stages
from gradus.review.verdicts import count_verdicts, headline, mark, notes, verdict_table

MARK = "<!-- gradus ci report -->"
"""First line of every report. It marks a file as written by gradus; GitHub does not show this line."""

_SHOWN = 20
"""Maximum number of changed parameters that the report shows without a click."""
_GENERATED = ("generation.", "natural_text.")
"""Names of metrics about generated text begin with the first prefix, those about natural text with the second."""


def describe_changes(base: str, *, limit: int = COMMENT_LIMIT) -> str:
    """Report how parameters, metrics and plots of the working tree differ from a commit.

    Names and values come from the branch. They are escaped, so that no name or value becomes a table cell, an HTML
    tag, a link or a mention of a user.

    Args:
        base: a branch, tag or commit of this clone.
        limit: maximum length of the report, in bytes.
    Returns:
        Markdown: the verdict, the table of headline metrics, the changed parameters, and charts; the rest is folded.
        Numbers whose relative difference is at most `ci.tolerance` of params.yaml are left out.
    Raises:
        InputError: if this clone lacks the commit, or a file of the commit or of the working tree is damaged.
        RunError: if DVC fails.
    """
    commit, tolerance = commit_of(base), read_params(PARAMS, "ci", CIConfig).tolerance
    old, new = read_commit(commit), read_side(Path())
    stale = stale_stages(new)
    with scores_of(commit, old, new) as scores:
        comparisons = compare(read_policy(), scores)
    changed = [each for each in comparisons if abs(each.relative) > tolerance]
    above = [*_headlines(changed), *_parameters(differences(old.params, new.params, tolerance=0.0)), *charts(changed)]
    below = [*_verdicts(changed), *_pictures(commit), *_numbers(old, new, tolerance)]
    verdict = _verdict(comparisons, changed, anything=bool(above or below))
    lines = [MARK, f"**{verdict} against {literal(base)} ({commit[:10]}).**", "", *_staleness(stale), *above, *below]
    return shortened("\n".join(lines).rstrip("\n") + "\n", limit)


def _verdict(comparisons: Sequence[Comparison], changed: Sequence[Comparison], *, anything: bool) -> str:
    if not changed:
        return "No model changes" if anything else "Nothing changes"
    verb = "change" if len(changed) > 1 else "changes"
    return f"{len(changed)} of {len(comparisons)} models {verb}: {count_verdicts(changed)}"


def _staleness(stale: Stale) -> list[str]:
    if not stale:
        return []
    return [
        f"**Stages to run again**: {stale_sentence(stale)}. The numbers of these stages come from an earlier run.",
        "",
    ]


def _headlines(changed: Sequence[Comparison]) -> list[str]:
    head = ["Model", "Measure on the test text", "", "Before", "After", "Change"]
    rows = [
        [str(each.model), headline(each), mark(each), digits(each.before), digits(each.after), _relative(each)]
        for each in changed
    ]
    return [*table(head, rows, words=3), ""] if changed else []


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


def _verdicts(changed: Sequence[Comparison]) -> list[str]:
    return folded("Reasons for the verdicts", [*verdict_table(changed), "", *notes(changed)]) if changed else []


def _pictures(commit: str) -> list[str]:
    # With quotePath, git quotes every name with a line end or with characters other than ASCII.
    paths = git("-c", "core.quotePath=true", "diff", "--name-only", commit, "--", "metrics/plots").splitlines()
    names = [f"- {literal(path.removeprefix('metrics/plots/'))}" for path in paths]
    return folded("Changed plots (the page in this run's artifacts shows these plots)", names) if names else []


def _numbers(old: Side, new: Side, tolerance: float) -> list[str]:
    """Return the changed numbers, in one folded table per model; tables about generated text come last."""
    first, last = [], []
    for model in all_models(old, new):
        changes = differences(old.metrics.get(model, {}), new.metrics.get(model, {}), tolerance=tolerance)
        generated = [change for change in changes if change[0].startswith(_GENERATED)]
        others = [change for change in changes if change not in generated]
        first += folded(f"{model}: {_count(others)}", _changes(others)) if others else []
        last += folded(f"{model}: {_count(generated)} about generated text", _changes(generated)) if generated else []
    return first + last


def _count(changes: Sequence[Change]) -> str:
    return f"{len(changes)} number{'s' if len(changes) > 1 else ''}"
