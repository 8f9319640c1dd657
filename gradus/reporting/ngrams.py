"""Tables and plots of the n-gram models by order: perplexity, sparsity, storage."""

from collections.abc import Sequence
from pathlib import Path

from gradus.reporting.plots import bar_plot, line_plot
from gradus.reporting.results import Metrics, Results, get, perplexity
from gradus.reporting.table import Table, number, percent

ENTRIES = ("", ", thousands", ", millions")
BYTES = ("bytes", "kB", "MB", "GB")


def orders_of(results: Results) -> list[str]:
    """Return the orders that were modelled, as the metrics name them, ascending."""
    first = next(iter(results.smoothers.values()), {})
    return sorted(get(first, "orders") or {}, key=int)


def orders_table(results: Results) -> Table:
    """Return perplexity by smoother and order."""
    orders = orders_of(results)
    rows = [
        [name, *(number(perplexity(get(metrics, f"orders.{order}.test"))) for order in orders)]
        for name, metrics in results.smoothers.items()
    ]
    return Table(
        "orders",
        "Test perplexity by smoother and order, every order a model of its own. ∞: a token had probability zero; "
        "a dash: no distribution, so no perplexity.",
        ["smoother", *(f"order {order}" for order in orders)],
        rows,
    )


def sparsity_table(results: Results) -> Table:
    """Return what longer n-grams cost and how few of the test text's were ever seen."""
    name, first = next(iter(results.smoothers.items()))
    rows = [
        [
            order,
            number(get(first, f"orders.{order}.entries"), 0),
            number(get(first, f"orders.{order}.bytes"), 0),
            percent(get(first, f"orders.{order}.unseen_share")),
        ]
        for order in orders_of(results)
    ]
    whose = "the same for every smoother" if _same_bytes(results) else f"by the smoother {name}"
    return Table(
        "sparsity",
        f"n-grams of the training text, bytes of the stored model of that order with its shorter orders ({whose}), "
        "and the share of the test text's n-grams that training never saw.",
        ["order", "distinct n-grams", "bytes", "unseen in test"],
        rows,
    )


def _same_bytes(results: Results) -> bool:
    """Say whether the models of all smoothers take as many bytes as each other, at every order."""
    sizes = [
        [get(metrics, f"orders.{order}.bytes") for order in orders_of(results)]
        for metrics in results.smoothers.values()
    ]
    return all(size == sizes[0] for size in sizes)


def draw_ngrams(results: Results, folder: Path) -> None:
    """Write perplexity, n-grams, bytes and the share of unseen n-grams by order into a folder."""
    orders = orders_of(results)
    first = next(iter(results.smoothers.values()))
    by_order = {
        name: [(int(order), value) for order in orders if (value := _at_order(metrics, order)) is not None]
        for name, metrics in results.smoothers.items()
    }
    line_plot(
        folder / "orders.svg",
        {name: points for name, points in by_order.items() if points},
        x="order",
        y="test perplexity",
        log=True,
    )
    unseen = [(int(order), 100 * get(first, f"orders.{order}.unseen_share")) for order in orders]
    line_plot(folder / "unseen.svg", {"test text": unseen}, x="order", y="n-grams never seen in training, %")
    entries, unit = scaled([get(first, f"orders.{order}.entries") for order in orders], ENTRIES)
    bar_plot(folder / "entries.svg", orders, entries, x="order", y=f"distinct n-grams{unit}")
    size, unit = scaled([get(first, f"orders.{order}.bytes") for order in orders], BYTES)
    bar_plot(
        folder / "bytes.svg", orders, size, x="order of the model, its shorter orders included", y=f"stored, {unit}"
    )


def _at_order(metrics: Metrics, order: str) -> float | None:
    value = perplexity(get(metrics, f"orders.{order}.test"))
    return None if value == float("inf") else value


def scaled(values: Sequence[float], units: Sequence[str]) -> tuple[list[float], str]:
    """Return values in the largest unit that leaves the greatest of them at 1 or more, and that unit.

    Args:
        values: in the first unit.
        units: each a thousand of the one before.
    """
    power = 0
    while power + 1 < len(units) and max(values) >= 1000 ** (power + 1):
        power += 1
    return [value / 1000**power for value in values], units[power]
