"""The gate: find regressions of the working tree relative to a commit, the base, and summarize them."""

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
"""First line of every summary. It marks a file as written by gradus; GitHub does not show this line."""


@dataclass(frozen=True)
class Failure:
    """One reason why the gate fails."""

    subject: str
    """Name of a model, or `the results` if the reason concerns all models."""
    message: str


@dataclass(frozen=True)
class Outcome:
    """Result of the gate."""

    failures: Sequence[Failure]
    summary: str
    """Summary of the comparison, as Markdown that is also readable in a terminal."""

    @property
    def subjects(self) -> list[str]:
        """Subjects of the failures, each subject once."""
        return list(dict.fromkeys(failure.subject for failure in self.failures))


def gate(base: str) -> Outcome:
    """Compare every model in the working tree with a commit, and return the failures and a summary.

    Args:
        base: a branch, tag or commit of this clone.
    Raises:
        InputError: if this clone lacks the commit, or a file of the commit or of the working tree is damaged.
        RunError: if DVC fails.
    """
    commit, policy = commit_of(base), read_policy()
    old, new = read_commit(commit), read_side(Path())
    stale = stale_stages(new)
    with scores_of(commit, old, new) as scores:
        comparisons = compare(policy, scores)
    failures = [*_of_staleness(stale), *_of_leaks(new), *_of_comparisons(comparisons)]
    # A branch could pass the gate by changing its rules, so the summary names the changed files.
    rules = git("diff", "--name-only", commit, "--", str(POLICY), policy.deviations).splitlines()
    summary = _summary(f"{literal(base)} ({commit[:10]})", failures, comparisons, rules)
    return Outcome(failures, shortened(summary))


def _of_staleness(stale: Stale) -> Iterator[Failure]:
    if stale:
        message = f"out of date; stages to run again: {stale_sentence(stale)}. Run dvc repro and commit the results"
        yield Failure("the results", message)


def _of_leaks(side: Side) -> Iterator[Failure]:
    for model in side.metrics:
        result = side.result(model)
        if result is None or isinstance(result, TranslationResult):
            continue
        below = max(_nats_below_floor(result, context) for context in CONTEXTS)
        if below > LEAK_NATS:
            message = f"leak: the loss on the test text is {below:.1f} nats below the entropy of the text's source"
            yield Failure(str(model), message)


def _nats_below_floor(result: LanguageModelResult, context: Context) -> float:
    """Return by how many nats the model's loss on the test text is below the stream floor; 0 if a value is missing.

    The stream floor is the negative log-probability of the text under the distribution that generated the text.
    """
    # The stream floor in both contexts, because it is the lower floor, and the bound on false alarms is about it.
    floor, score = result.floors.get("stream"), result.test.get(context)
    if floor is None or floor.nats is None or score is None or score.perplexity is None:
        return 0.0
    # Computed from the perplexity, because the gate compares perplexities: a forged perplexity must not pass.
    return floor.nats - score.tokens * math.log(score.perplexity)


def _of_comparisons(comparisons: Sequence[Comparison]) -> Iterator[Failure]:
    for each in comparisons:
        if each.verdict == "vanished":
            yield Failure(str(each.model), "vanished: the base has this model, but params.yaml no longer has it")
        elif each.verdict == "missing":
            yield Failure(str(each.model), f"missing: the model has no {headline(each)} to compare; {each.note}")
        elif each.verdict == "worse":
            yield Failure(str(each.model), _regression(each))


def _regression(each: Comparison) -> str:
    what = f"regression: {headline(each)} {digits(each.before)} → {digits(each.after)}"
    certain = "no confidence interval"
    if each.interval:
        certain = f"confidence interval {change(each, each.interval[0])} to {change(each, each.interval[1])}"
    allowed = change(each, each.allowed).lstrip("+")
    return f"{what}: the change is {change(each, each.change)}, at most {allowed} is allowed; {certain}"


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
    lines += [f"- {literal(path)} differs from the base; the gate uses the file of the working tree" for path in rules]
    return "\n".join(lines).rstrip("\n") + "\n"
