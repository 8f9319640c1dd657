"""Format the verdicts on the models as a table and as sentences."""

from collections.abc import Sequence

from gradus.review.comparison import Comparison, Verdict
from gradus.review.markdown import digits, percent, table

WORDS: dict[Verdict, str] = {
    "worse": "worse",
    "better": "better",
    "noise": "within noise",
    "missing": "without its metric",
    "vanished": "vanished",
    "new": "new",
    "incomparable": "not comparable",
    "same": "unchanged",
}
"""Dict from each verdict to its words in a report; the most urgent verdict comes first."""


def count_verdicts(comparisons: Sequence[Comparison]) -> str:
    """Count the models by verdict, such as "1 worse, 2 within noise"."""
    count = {word: sum(each.verdict == verdict for each in comparisons) for verdict, word in WORDS.items()}
    return ", ".join(f"{number} {word}" for word, number in count.items() if number)


def mark(comparison: Comparison) -> str:
    """Return an arrow for the direction of the change, and the name of the verdict."""
    before, after = comparison.before, comparison.after
    arrow = "" if before is None or after is None or before == after else "↑ " if after > before else "↓ "
    return arrow + WORDS[comparison.verdict]


def headline(comparison: Comparison) -> str:
    """Return the name of the model's headline metric, as Markdown."""
    return comparison.headline.markdown if comparison.headline else "headline metric"


def change(comparison: Comparison, value: float) -> str:
    """Format a change in BLEU points if the metric is BLEU, otherwise in per cent."""
    is_bleu = comparison.headline is not None and comparison.headline.measure == "bleu"
    return f"{value:+.2f}" if is_bleu else percent(value)


def verdict_table(comparisons: Sequence[Comparison]) -> list[str]:
    """Return a Markdown table with one row per model: values, change, confidence interval and allowed change."""
    head = ["Model", "Measure", "Verdict", "Before", "After", "Change", "Interval", "Allowed", "Deviation over seeds"]
    return table(head, [_row(each) for each in comparisons], words=3)


def _row(each: Comparison) -> list[str]:
    weighed = each.verdict in ("worse", "better", "noise")
    ends = [change(each, end) for end in each.interval] if each.interval else []
    # Limits and deviations have no direction, hence no plus sign.
    deviation = "not measured" if each.deviation is None else change(each, each.deviation).lstrip("+")
    return [
        str(each.model),
        headline(each),
        mark(each),
        digits(each.before),
        digits(each.after),
        change(each, each.change) if weighed else "",
        " to ".join(ends) if ends else "none" if weighed else "",
        change(each, each.allowed).lstrip("+") if weighed else "",
        deviation if weighed else "",
    ]


def notes(comparisons: Sequence[Comparison]) -> list[str]:
    """Return one line per reason why models were not compared, or were compared without a confidence interval."""
    reasons: dict[str, list[str]] = {}
    for each in comparisons:
        if each.note:
            alone = "" if each.verdict not in ("worse", "better", "noise") else "compared without an interval, because "
            reasons.setdefault(f"{alone}{each.note}", []).append(str(each.model))
    lines = [f"- {', '.join(models)}: {reason}" for reason, models in reasons.items()]
    # Only models that were compared have a positive `allowed`.
    unmeasured = [str(each.model) for each in comparisons if each.deviation is None and each.allowed]
    if unmeasured:
        lines.append(f"- {', '.join(unmeasured)}: the deviation over seeds was not measured, so the gate uses 0")
    return lines
