"""Verdicts on the models, as a table and in words."""

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
"""The words for each verdict, the most urgent first."""


def tally(comparisons: Sequence[Comparison]) -> str:
    """Count the models by verdict, such as "1 worse, 2 within noise"."""
    count = {word: sum(each.verdict == verdict for each in comparisons) for verdict, word in WORDS.items()}
    return ", ".join(f"{number} {word}" for word, number in count.items() if number)


def mark(comparison: Comparison) -> str:
    """Return an arrow up or down, and whether that is better."""
    before, after = comparison.before, comparison.after
    arrow = "" if before is None or after is None or before == after else "↑ " if after > before else "↓ "
    return arrow + WORDS[comparison.verdict]


def headline(comparison: Comparison) -> str:
    """Return the name of what is compared."""
    return comparison.headline.markdown if comparison.headline else "headline metric"


def change(comparison: Comparison, value: float) -> str:
    """Return a change in the unit of its tolerance: per cent, or points."""
    is_bleu = comparison.headline is not None and comparison.headline.measure == "bleu"
    return f"{value:+.2f}" if is_bleu else percent(value)


def judged_table(comparisons: Sequence[Comparison]) -> list[str]:
    """Return the evidence, a row for each model: the change, its interval, and what is allowed."""
    head = ["Model", "Measure", "Verdict", "Before", "After", "Change", "Interval", "Allowed", "Deviation over seeds"]
    return table(head, [_row(each) for each in comparisons], words=3)


def _row(each: Comparison) -> list[str]:
    was_judged = each.verdict in ("worse", "better", "noise")
    ends = [change(each, end) for end in each.interval] if each.interval else []
    deviation = "not measured" if each.deviation is None else change(each, each.deviation).lstrip("+")
    return [
        str(each.model),
        headline(each),
        mark(each),
        digits(each.before),
        digits(each.after),
        change(each, each.change) if was_judged else "",
        " to ".join(ends) if ends else "none" if was_judged else "",
        change(each, each.allowed).lstrip("+") if was_judged else "",
        deviation if was_judged else "",
    ]


def notes(comparisons: Sequence[Comparison]) -> list[str]:
    """Return a line for every reason why models were not compared, or by their tolerances alone."""
    reasons: dict[str, list[str]] = {}
    for each in comparisons:
        if each.note:
            alone = "" if each.verdict not in ("worse", "better", "noise") else "judged by the tolerances alone, for "
            reasons.setdefault(f"{alone}{each.note}", []).append(str(each.model))
    lines = [f"- {', '.join(models)}: {reason}" for reason, models in reasons.items()]
    unmeasured = [str(each.model) for each in comparisons if each.deviation is None and each.allowed]
    if unmeasured:
        lines.append(f"- {', '.join(unmeasured)}: the deviation over seeds is not measured, and 0 is taken for it")
    return lines
