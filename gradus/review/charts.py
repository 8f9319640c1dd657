"""Bars before and after as text that GitHub draws (Mermaid): it shows no pictures of artifacts or data addresses."""

import math
from collections.abc import Sequence

from gradus.review.comparison import Comparison

MOST_BARS = 20
"""Bars that can still be told apart; two for each model."""


def charts(moved: Sequence[Comparison]) -> list[str]:
    """Return a chart of perplexity and one of BLEU, each of the models that moved and have both values.

    Nothing of it comes from a branch but numbers and names, which are letters, digits and underscores.
    """
    titles = {"perplexity": "Test perplexity (lower is better)", "bleu": "Test BLEU (higher is better)"}
    lines: list[str] = []
    for measure, title in titles.items():
        found = [each for each in moved if each.headline and each.headline.measure == measure]
        lines += _chart(title, [each for each in found if _is_drawable(each)])
    return lines


def _is_drawable(comparison: Comparison) -> bool:
    return all(value is not None and math.isfinite(value) for value in (comparison.before, comparison.after))


def _chart(title: str, moved: Sequence[Comparison]) -> list[str]:
    largest = sorted(moved, key=lambda each: -abs(each.relative))[: MOST_BARS // 2]
    shown = [each for each in moved if each in largest]
    bars = [
        (f"{each.model.name} {side}", value)
        for each in shown
        for side, value in (("before", each.before), ("after", each.after))
        if value is not None
    ]
    if not bars:
        return []
    names = ", ".join(f'"{name}"' for name, _ in bars)
    values = [value for _, value in bars]
    return [
        "```mermaid",
        "xychart-beta horizontal",
        f'    title "{title}"',
        f"    x-axis [{names}]",
        f"    y-axis 0 --> {1.05 * max(values) or 1.0:.4g}",
        f"    bar [{', '.join(f'{value:.4g}' for value in values)}]",
        "```",
        "",
    ]
