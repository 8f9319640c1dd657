"""Draw the perplexity of n-gram models against their order: all smoothers, and the best of them at their own scale."""

import math
from collections.abc import Mapping
from pathlib import Path

from gradus.reporting.drawing.alt_text import lines_in_words
from gradus.reporting.drawing.csv_text import csv_text
from gradus.reporting.drawing.in_words import amount, highest, listed, lowest
from gradus.reporting.drawing.line_plots import Line, Scales, exact, line_plot
from gradus.reporting.drawing.looks import Look
from gradus.reporting.model_looks import language_model_looks
from gradus.reporting.ngrams import orders_of, perplexity_at
from gradus.reporting.picture import Picture
from gradus.reporting.results import Results

CLOSE = 1.5
"""Largest ratio of a smoother's perplexity at the highest order to the best one in the plot of the best smoothers."""
START = 2.0
"""Largest ratio of a perplexity to the best one in that plot. It begins at the first order from which on all are so
close."""
SCALES = Scales("order of the model: tokens per n-gram", "perplexity of the test text", log_y=True, whole=True)

ByOrder = Mapping[str, Mapping[int, float | None]]
"""Dict from smoother to its perplexity at each order: infinity, or None for scores that are not probabilities."""


def draw_orders(results: Results, folder: Path) -> list[Picture]:
    """Write the plot of all smoothers and, where it helps, the plot of the best ones; return the plots."""
    values: ByOrder = {
        name: {int(order): perplexity_at(smoother, order) for order in orders_of(results)}
        for name, smoother in results.smoothers.items()
    }
    if all(value is None for of in values.values() for value in of.values()):
        return []
    looks = language_model_looks(results)
    pictures = [_draw(folder, ("orders", "What longer contexts buy"), values, orders_finding(values), looks)]
    if close := close_orders(values):
        heads = ("orders_close", "The best smoothers at their own scale")
        pictures.append(_draw(folder, heads, close, close_finding(close), looks))
    return pictures


def _draw(folder: Path, heads: tuple[str, str], values: ByOrder, finding: str, looks: Mapping[str, Look]) -> Picture:
    name, title = heads
    lines = [Line(each, looks[each], exact(_finite(of)), _note(of)) for each, of in values.items()]
    line_plot(folder / f"{name}.svg", lines, SCALES)
    rows = [(each, order, value) for each, of in values.items() for order, value in of.items()]
    notes = "".join(f" {line.name}: {line.note}." for line in lines if line.note)
    alt = lines_in_words({line.name: [(x, y) for x, y, _, _ in line.points] for line in lines}, SCALES) + notes
    return Picture(name, title, finding, alt, csv_text(["smoother", "order", "perplexity"], rows))


def _finite(values: Mapping[int, float | None]) -> list[tuple[float, float]]:
    return [(order, value) for order, value in values.items() if value is not None and math.isfinite(value)]


def _note(values: Mapping[int, float | None]) -> str:
    """Return what the plot cannot show of one smoother."""
    if all(value is None for value in values.values()):
        return "not probabilities"
    infinite = [order for order, value in values.items() if value == math.inf]
    if not infinite:
        return ""
    if len(infinite) > 1 and infinite == [order for order in values if order >= infinite[0]]:
        return f"∞ from order {infinite[0]} on"
    return f"∞ at order {listed(map(str, infinite))}"


def close_orders(values: ByOrder) -> ByOrder:
    """Return the best smoothers at the orders at which they are close together.

    A smoother is among the best if its perplexity at the highest order is at most 1.5 times the best one. The orders
    begin where all of these are at most twice the best perplexity. The result is empty if it would have fewer than two
    smoothers or orders, or all smoothers and orders that have a perplexity.
    """
    last = max((order for of in values.values() for order in of), default=0)
    ends = {name: y for name, of in values.items() for x, y in _finite(of)[-1:] if x == last}
    if not ends:
        return {}
    names = [name for name, value in ends.items() if value <= CLOSE * lowest(ends)[1]]
    best = min(y for name in names for _, y in _finite(values[name]))
    orders = sorted(values[names[0]])
    far = [n for n in orders if any((values[name][n] or math.inf) > START * best for name in names)]
    shown = [order for order in orders if order > max(far, default=0)]
    drawn = [name for name, of in values.items() if _finite(of)]
    if len(names) < 2 or len(shown) < 2 or (len(names) == len(drawn) and len(shown) == len(orders)):
        return {}
    return {name: {order: values[name][order] for order in shown} for name in names}


def orders_finding(values: ByOrder) -> str:
    """Return what the plot of all smoothers shows: the best and the worst smoother, and at which order each is best."""
    finite = {name: dict(_finite(of)) for name, of in values.items()}
    last = max((order for of in values.values() for order in of), default=0)
    ends = {name: of[last] for name, of in finite.items() if last in of}
    sentences = []
    if len(ends) > 1:
        (best, low), (worst, high) = lowest(ends), highest(ends)
        sentences.append(f"At order {last}, {best} is best with {amount(low)} and {worst} worst with {amount(high)}.")
    elif ends:
        name, value = lowest(ends)
        sentences.append(f"At order {last}, {name} has a perplexity of {amount(value)}.")
    sentences += _best_orders(finite, last)
    infinite: dict[str, list[str]] = {}
    for name, of in values.items():
        if math.inf in of.values():
            infinite.setdefault(_note(of), []).append(name)
    if infinite:
        texts = (f"{listed(names)} {'is' if len(names) == 1 else 'are'} {note}" for note, names in infinite.items())
        sentences.append(f"{listed(texts)}: some token of the test text has probability zero.")
    if others := [name for name, of in values.items() if all(value is None for value in of.values())]:
        sentences.append(f"The scores of {listed(others)} are not probabilities.")
    return " ".join(sentences)


def _best_orders(finite: Mapping[str, Mapping[float, float]], last: int) -> list[str]:
    """Return a sentence that says at which order each smoother is best, if the models have several orders."""
    if last < 2:
        return []
    groups: dict[float, list[str]] = {}
    for name, of in finite.items():
        if len(of) > 1:
            groups.setdefault(min(of, key=lambda order: of[order]), []).append(name)
    parts = [f"order {order:g} for {listed(groups[order])}" for order in sorted(groups)]
    return [f"Lower is better; the lowest perplexity is at {listed(parts)}."] if parts else []


def close_finding(close: ByOrder) -> str:
    """Return what the plot of the best smoothers shows: their order at both ends."""
    orders = sorted(next(iter(close.values())))
    texts = []
    for order in (orders[0], orders[-1]):
        ranked = sorted(close, key=lambda name: close[name][order] or math.inf)
        texts.append(f"at order {order}: {listed(f'{name} {amount(close[name][order] or 0.0)}' for name in ranked)}")
    return f"All smoothers within a factor of {CLOSE:g} of the best, from best to worst, {'; '.join(texts)}."
