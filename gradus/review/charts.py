"""Bar charts of metrics before and after a change, as Mermaid text.

GitHub draws Mermaid charts in a comment, but it cannot show images from the artifacts of a run.
"""

import math
from collections.abc import Sequence

from gradus.review.comparison import Comparison

MOST_BARS = 20
"""Maximum number of bars in a chart, so that the chart stays readable. Each model has two bars."""


def charts(changed: Sequence[Comparison]) -> list[str]:
    """Return the lines of a perplexity chart and a BLEU chart of the changed models.

    A model is drawn if its values before and after are finite. Names of models consist of letters, digits and
    underscores, so they need no escapes.
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
    shown = [each for each in changed if each in largest]  # again in the order of the models
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
