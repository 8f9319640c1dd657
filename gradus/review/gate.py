"""The gate: which regressions a working tree has against a commit, and a summary of them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gradus.evaluation.floors import LEAK_NATS
from gradus.markdown import literal
from gradus.pipeline.dvc import commit_of, git
from gradus.reporting.results import CONTEXTS, get
from gradus.review.comparison import Comparison, compare
from gradus.review.headline import Headline, value_of
from gradus.review.judgement import change, headline, judged_table, notes, tally
from gradus.review.markdown import digits, shortened
from gradus.review.policy import POLICY, read_policy
from gradus.review.scores import scores_of
from gradus.review.sides import Metrics, Side, read_commit, read_side
from gradus.review.staleness import Stale, stale_sentence, stale_stages

MARK = "<!-- gradus ci gate -->"
"""The first line of every summary; a reader of the page does not see it."""


@dataclass(frozen=True)
class Failure:
    """One reason why the gate fails."""

    subject: str
    """A model, or the results as a whole."""
    message: str


@dataclass(frozen=True)
class Outcome:
    """Result of the gate."""

    failures: Sequence[Failure]
    summary: str
    """Markdown that a terminal can show too."""

    @property
    def subjects(self) -> list[str]:
        """Each failed model once, or `the results`."""
        return list(dict.fromkeys(failure.subject for failure in self.failures))


def gate(base: str) -> Outcome:
    """Compare the working tree with a commit, model by model.

    Args:
        base: a branch, tag or commit of this clone.
    Raises:
        InputError: if this clone has no such commit, or a file of either side is broken.
        RunError: if DVC fails.
    """
    commit, policy = commit_of(base), read_policy()
    old, new = read_commit(commit), read_side(Path())
    stale = stale_stages(new)
    with scores_of(commit, old, new) as scores:
        comparisons = compare(policy, scores)
    failures = [*_of_staleness(stale), *_of_leaks(new), *_of_comparisons(comparisons)]
    rules = git("diff", "--name-only", commit, "--", str(POLICY), policy.deviations).splitlines()
    summary = _summary(f"{literal(base)} ({commit[:10]})", failures, comparisons, rules)
    return Outcome(failures, shortened(summary))


def _of_staleness(stale: Stale) -> Iterator[Failure]:
    if stale:
        message = f"older than parameters or code; not re-run: {stale_sentence(stale)}. Run dvc repro and commit"
        yield Failure("the results", message)


def _of_leaks(side: Side) -> Iterator[Failure]:
    for model, metrics in side.metrics.items():
        below = max((_nats_below_floor(metrics, context) for context in CONTEXTS), default=0.0)
        if below > LEAK_NATS:
            message = f"leak: its perplexity is {below:.1f} nats below the entropy of the test text's source"
            yield Failure(str(model), message)


def _nats_below_floor(metrics: Metrics, context: str) -> float:
    """Return how far below the stream floor a text costs a model, by its perplexity; see `evaluation.floors`."""
    floor, tokens = get(metrics, "floors.stream.nats"), get(metrics, f"test.{context}.tokens")
    perplexity = value_of(Headline("perplexity", context), metrics)
    if not perplexity or not isinstance(floor, int | float) or not isinstance(tokens, int):
        return 0.0
    return floor - tokens * math.log(perplexity)


def _of_comparisons(comparisons: Sequence[Comparison]) -> Iterator[Failure]:
    for each in comparisons:
        if each.verdict == "vanished":
            yield Failure(str(each.model), "vanished: the base has this model, params.yaml does not name it")
        elif each.verdict == "missing":
            yield Failure(str(each.model), f"missing: no {headline(each)} to compare ({each.note})")
        elif each.verdict == "worse":
            yield Failure(str(each.model), _regression(each))


def _regression(each: Comparison) -> str:
    what = f"regression: {headline(each)} {digits(each.before)} → {digits(each.after)}"
    certain = "by the tolerances alone"
    if each.interval:
        certain = f"interval {change(each, each.interval[0])} to {change(each, each.interval[1])}"
    allowed = change(each, each.allowed).lstrip("+")
    return f"{what}, {change(each, each.change)} where {allowed} is allowed; {certain}"


def _summary(against: str, failures: Sequence[Failure], comparisons: Sequence[Comparison], rules: Sequence[str]) -> str:
    changed = [each for each in comparisons if each.verdict != "same"]
    subjects = ", ".join(dict.fromkeys(failure.subject for failure in failures))
    verdict = (
        f"**The gate fails** against {against}: {subjects}." if failures else f"**The gate passes** against {against}."
    )
    lines = [MARK, verdict, "", f"Models: {tally(comparisons) or 'none'}.", ""]
    lines += [f"- **{failure.subject}**: {failure.message}." for failure in failures]
    if changed:
        lines += ["", *judged_table(changed), ""]
        lines += notes(changed)
    lines += [f"- {literal(path)} differs from that of the base: these rules are the tree's own" for path in rules]
    return "\n".join(lines).rstrip("\n") + "\n"
