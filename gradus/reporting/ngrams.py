"""Tables and plots of the n-gram models by order: perplexity, sparsity, storage."""

from collections.abc import Sequence
from pathlib import Path

from gradus.reporting.plots import bar_plot, line_plot
from gradus.reporting.results import Results
from gradus.reporting.table import Table, number, percent
from gradus.results.language_model import NgramResult
from gradus.results.score import perplexity

ENTRIES = ("", ", thousands", ", millions")
BYTES = ("bytes", "kB", "MB", "GB")


def orders_of(results: Results) -> list[str]:
    """Return the orders of the first smoother, ascending; all smoothers have the same."""
    first = next(iter(results.smoothers.values()), None)
    return sorted(first.orders, key=int) if first else []


def perplexity_at(smoother: NgramResult, order: str) -> float | None:
    """Return the test perplexity of one order; None if the smoother has no perplexity there."""
    return perplexity(smoother.orders[order].test) if order in smoother.orders else None


def orders_table(results: Results) -> Table:
    """Return perplexity by smoother and order."""
    orders = orders_of(results)
    rows = [
        [name, *(number(perplexity_at(smoother, order)) for order in orders)]
        for name, smoother in results.smoothers.items()
    ]
    return Table(
        "orders",
        "Test perplexity by smoother and order; each order is a model of its own. ∞: a token has probability zero. "
        "A dash: the scores are not probabilities, so there is no perplexity.",
        ["smoother", *(f"order {order}" for order in orders)],
        rows,
    )


def sparsity_table(results: Results) -> Table:
    """Return the number and the storage of n-grams by order, and the share of test n-grams that were never seen."""
    name, first = next(iter(results.smoothers.items()))
    rows = [
        [order, number(model.entries, 0), number(model.bytes, 0), percent(model.unseen_share)]
        for order, model in ((order, first.orders[order]) for order in orders_of(results))
    ]
    whose = "the same for every smoother" if _same_bytes(results) else f"by the smoother {name}"
    return Table(
        "sparsity",
        f"Distinct n-grams of the training text; bytes of a stored model of that order with its shorter n-grams "
        f"({whose}); share of the test text's n-grams that do not occur in the training text.",
        ["order", "distinct n-grams", "bytes", "unseen in test"],
        rows,
    )


def _same_bytes(results: Results) -> bool:
    """Tell whether the models of all smoothers have the same size at every order."""
    orders = orders_of(results)
    sizes = [
        [smoother.orders[order].bytes if order in smoother.orders else None for order in orders]
        for smoother in results.smoothers.values()
    ]
    return all(size == sizes[0] for size in sizes)


def draw_ngrams(results: Results, folder: Path) -> None:
    """Write perplexity, n-grams, bytes and the share of unseen n-grams by order into a folder."""
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
    bar_plot(
        folder / "bytes.svg", orders, size, x="order of the model, its shorter orders included", y=f"stored, {unit}"
    )


def _finite_points(smoother: NgramResult, orders: Sequence[str]) -> list[tuple[float, float]]:
    """Return (order, perplexity) of every order with a finite perplexity."""
    points = ((int(order), perplexity_at(smoother, order)) for order in orders)
    return [(order, value) for order, value in points if value is not None and value < float("inf")]


def scaled(values: Sequence[float], units: Sequence[str]) -> tuple[list[float], str]:
    """Return values in the largest unit in which the greatest value is at least 1, and that unit.

    Args:
        values: in the first unit.
        units: each a thousand times the one before.
    """
    power = 0
    while power + 1 < len(units) and max(values) >= 1000 ** (power + 1):
        power += 1
    return [value / 1000**power for value in values], units[power]
