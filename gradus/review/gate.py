"""Gate: find the regressions of a working tree against a commit, and summarize them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gradus.evaluation.language_models.floors import LEAK_NATS
from gradus.markdown import literal
from gradus.pipeline.dvc import commit_of, git
from gradus.results.language_model import LanguageModelResult
from gradus.results.score import CONTEXTS, Context
from gradus.results.translation import TranslationResult
from gradus.review.comparison import Comparison, compare
from gradus.review.markdown import digits, shortened
from gradus.review.policy import POLICY, read_policy
from gradus.review.scores import scores_of
from gradus.review.sides import Side, read_commit, read_side
from gradus.review.staleness import Stale, stale_sentence, stale_stages
from gradus.review.verdicts import change, count_verdicts, headline, notes, verdict_table

MARK = "<!-- gradus ci gate -->"
"""First line of every summary, by which gradus finds its own comment; a reader of the page does not see it."""


@dataclass(frozen=True)
class Failure:
    """One reason why the gate fails."""

    subject: str
    """Name of a model, or `the results` for all of them."""
    message: str


@dataclass(frozen=True)
class Outcome:
    """Result of the gate."""

    failures: Sequence[Failure]
    summary: str
    """Markdown that is also readable in a terminal."""

    @property
    def subjects(self) -> list[str]:
        """Subjects of the failures without repetition."""
        return list(dict.fromkeys(failure.subject for failure in self.failures))


def gate(base: str) -> Outcome:
    """Compare the working tree with a commit, model by model.

    Args:
        base: a branch, tag or commit of this clone.
    Raises:
        InputError: if this clone lacks the commit, or a file of either side is broken.
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
        message = f"older than parameters or code; not run again: {stale_sentence(stale)}. Run dvc repro and commit"
        yield Failure("the results", message)


def _of_leaks(side: Side) -> Iterator[Failure]:
    for model in side.metrics:
        result = side.result(model)
        if result is None or isinstance(result, TranslationResult):
            continue
        below = max(_nats_below_floor(result, context) for context in CONTEXTS)
        if below > LEAK_NATS:
            message = f"leak: the model scores the test text {below:.1f} nats below the entropy of its source"
            yield Failure(str(model), message)


def _nats_below_floor(result: LanguageModelResult, context: Context) -> float:
    """Return how many nats below its stream floor the test text costs."""
    floor, score = result.floors.get("stream"), result.test.get(context)
    if floor is None or floor.nats is None or score is None or score.perplexity is None:
        return 0.0
    # From the perplexity, because the gate compares perplexities: a forged one must not pass.
    return floor.nats - score.tokens * math.log(score.perplexity)


def _of_comparisons(comparisons: Sequence[Comparison]) -> Iterator[Failure]:
    for each in comparisons:
        if each.verdict == "vanished":
            yield Failure(str(each.model), "vanished: the base has this model, but params.yaml does not name it")
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
    lines = [MARK, verdict, "", f"Models: {count_verdicts(comparisons) or 'none'}.", ""]
    lines += [f"- **{failure.subject}**: {failure.message}." for failure in failures]
    if changed:
        lines += ["", *verdict_table(changed), ""]
        lines += notes(changed)
    lines += [f"- {literal(path)} differs from the base; the gate follows the rules of this tree" for path in rules]
    return "\n".join(lines).rstrip("\n") + "\n"
