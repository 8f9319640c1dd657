"""Make tables that compare n-gram models of different orders: perplexity, unseen n-grams, size on disk."""

from gradus.reporting.results import Results
from gradus.reporting.table import Table, number, percent
from gradus.results.language_model import NgramResult
from gradus.results.score import perplexity


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
