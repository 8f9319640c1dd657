"""Make tables and plots that compare n-gram models of different orders: perplexity, unseen n-grams, size on disk."""

from collections.abc import Sequence
from pathlib import Path

from gradus.reporting.plots import bar_plot, line_plot
from gradus.reporting.results import Results
from gradus.reporting.table import Table, number, percent
from gradus.results.language_model import NgramResult
from gradus.results.score import perplexity

ENTRIES = ("", ", thousands", ", millions")
"""Units for numbers of n-grams, written as suffixes of an axis label. Each unit is a thousand times the unit before."""
BYTES = ("bytes", "kB", "MB", "GB")
"""Units for sizes on disk. Each unit is a thousand times the unit before."""


def orders_of(results: Results) -> list[str]:
    """Return the orders of the n-gram models in ascending order. All smoothers have the same orders."""
    first = next(iter(results.smoothers.values()), None)
    return sorted(first.orders, key=int) if first else []


def perplexity_at(smoother: NgramResult, order: str) -> float | None:
    """Return a smoother's test perplexity at one order; None if the smoother has no perplexity at this order."""
    return perplexity(smoother.orders[order].test) if order in smoother.orders else None


def orders_table(results: Results) -> Table:
    """Return the table of test perplexities, with one row per smoother and one column per order."""
    orders = orders_of(results)
    rows = [
        [name, *(number(perplexity_at(smoother, order)) for order in orders)]
        for name, smoother in results.smoothers.items()
    ]
    return Table(
        "orders",
        "Perplexity of the test text under the n-gram models of all smoothers and orders. Every model reads only the "
        "current line before it predicts a token. ∞: some token has probability zero. –: the scores of the model are "
        "not probabilities, so the model has no perplexity.",
        ["smoother", *(f"order {order}" for order in orders)],
        rows,
    )


def sparsity_table(results: Results) -> Table:
    """Return the table of unseen n-grams and model sizes, with one row per order."""
    # Counts of n-grams do not depend on the smoother, so they are read from the first smoother.
    name, first = next(iter(results.smoothers.items()))
    rows = [
        [order, number(model.entries, 0), number(model.bytes, 0), percent(model.unseen_share)]
        for order, model in ((order, first.orders[order]) for order in orders_of(results))
    ]
    whose = "the same for every smoother" if _same_bytes(results) else f"that of the smoother {name}"
    return Table(
        "sparsity",
        "Distinct n-grams: number of distinct n-grams of this order in the training text. Bytes: size on disk of the "
        f"model of this order, which also stores all shorter n-grams; this size is {whose}. Unseen in test: n-grams of "
        "the test text that do not occur in the training text, divided by all n-grams of the test text.",
        ["order", "distinct n-grams", "bytes", "unseen in test"],
        rows,
    )


def _same_bytes(results: Results) -> bool:
    """Return whether the models of all smoothers have the same size on disk at every order."""
    orders = orders_of(results)
    sizes = [
        [smoother.orders[order].bytes if order in smoother.orders else None for order in orders]
        for smoother in results.smoothers.values()
    ]
    return all(size == sizes[0] for size in sizes)


def draw_ngrams(results: Results, folder: Path) -> None:
    """Write the plots of the n-gram models into a folder. The horizontal axis of every plot is the order."""
    orders = orders_of(results)
    models = [next(iter(results.smoothers.values())).orders[order] for order in orders]
    by_order = {name: _finite_points(smoother, orders) for name, smoother in results.smoothers.items()}
    series = {name: points for name, points in by_order.items() if points}
    line_plot(folder / "orders.svg", series, x="order", y="test perplexity", log=True)
    unseen = [(int(order), 100 * model.unseen_share) for order, model in zip(orders, models, strict=True)]
    line_plot(folder / "unseen.svg", {"test text": unseen}, x="order", y="n-grams never seen in training, %")
    entries, unit = scaled([model.entries for model in models], ENTRIES)
    bar_plot(folder / "entries.svg", orders, entries, x="order", y=f"distinct n-grams{unit}")
    size, unit = scaled([model.bytes for model in models], BYTES)
    bar_plot(folder / "bytes.svg", orders, size, x="order; a model also stores all lower orders", y=f"stored, {unit}")


def _finite_points(smoother: NgramResult, orders: Sequence[str]) -> list[tuple[float, float]]:
    """Return the pairs (order, perplexity) of all orders at which the smoother has a finite perplexity."""
    points = ((int(order), perplexity_at(smoother, order)) for order in orders)
    return [(order, value) for order, value in points if value is not None and value < float("inf")]


def scaled(values: Sequence[float], units: Sequence[str]) -> tuple[list[float], str]:
    """Convert values to the largest unit in which the greatest value is at least 1; return the values and this unit.

    Args:
        values: numbers in the first unit of `units`.
        units: names of units; each unit is a thousand times the unit before.
    """
    power = 0
    while power + 1 < len(units) and max(values) >= 1000 ** (power + 1):
        power += 1
    return [value / 1000**power for value in values], units[power]
