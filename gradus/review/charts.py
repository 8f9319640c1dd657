"""Bar charts of both sides as Mermaid text, which GitHub draws; GitHub does not show images from artifacts."""

import math
from collections.abc import Sequence

from gradus.review.comparison import Comparison

MOST_BARS = 20
"""Largest number of bars in a readable chart; each model has two."""


def charts(changed: Sequence[Comparison]) -> list[str]:
    """Return a chart of perplexity and a chart of BLEU, for the models that changed and have both values.

    The branch supplies only numbers and names. Names consist of letters, digits and underscores, so they need no
    escapes.
    """
    titles = {"perplexity": "Test perplexity (lower is better)", "bleu": "Test BLEU (higher is better)"}
    lines: list[str] = []
    for measure, title in titles.items():
        chosen = [each for each in changed if each.headline and each.headline.measure == measure]
        lines += _chart(title, [each for each in chosen if _is_drawable(each)])
    return lines


def _is_drawable(comparison: Comparison) -> bool:
    return all(value is not None and math.isfinite(value) for value in (comparison.before, comparison.after))


def _chart(title: str, changed: Sequence[Comparison]) -> list[str]:
    largest = sorted(changed, key=lambda each: -abs(each.relative))[: MOST_BARS // 2]
    shown = [each for each in changed if each in largest]
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
