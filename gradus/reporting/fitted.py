"""Table of the parameters that the smoothers fitted: discounts, weights, k, by the order of the n-grams."""

from collections.abc import Iterator, Mapping, Sequence

from gradus.reporting.ngrams import orders_of
from gradus.reporting.results import Results
from gradus.reporting.table import MISSING, Table, number
from gradus.results.details import Fitted

HISTORIES = (1, 10, 100, 1000)
"""Counts of a history for which the weight of a mixture is shown."""


def fitted_table(results: Results) -> Table:
    """Return one row per smoother and parameter; a smoother without parameters has no row."""
    orders = orders_of(results)
    rows = [
        [name, parameter, *cells]
        for name, smoother in results.smoothers.items()
        for parameter, cells in _parameters(smoother.kind, results.lm_details[name].fitted, orders)
    ]
    return Table(
        "fitted",
        "Parameters of the models of the highest order, by the order of the n-grams. k: added to every count. d1, d2, "
        "...: factors of counts 1, 2, ... (Katz). D: subtracted from every count; D1, D2, D3+: from counts 1, 2, and "
        "3 or more. λ(c): weight of the order's own frequencies after a history with count c; the shorter order has "
        "the rest. k and λ are fitted on the validation text, unless params.yaml sets k.",
        ["smoother", "parameter", *(f"order {order}" for order in orders)],
        rows,
    )


def _parameters(kind: str, fitted: Mapping[str, Fitted], orders: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield every parameter of a model, and its value at every order."""
    by_order = [_named(fitted.get(order, Fitted()), kind) for order in orders]
    for parameter in dict.fromkeys(name for values in by_order for name in values):
        yield parameter, [values.get(parameter, MISSING) for values in by_order]


def _named(fitted: Fitted, kind: str) -> dict[str, str]:
    """Return the parameters of one order as text, by name."""
    if fitted.k:
        return {"k": f"{fitted.k[0]:.3g}"}
    if fitted.weights:
        return {f"λ({count})": number(_weight(fitted, count), 3) for count in HISTORIES}
    discounts = fitted.discounts or []
    if kind == "katz":
        names = [f"d{count}" for count in range(1, len(discounts) + 1)]
    else:
        names = ["D"] if len(discounts) == 1 else ["D1", "D2", "D3+"]
    return {name: number(value, 3) for name, value in zip(names, discounts, strict=False)}


def _weight(fitted: Fitted, count: int) -> float:
    """Return the weight after a history with the given count."""
    # The bucket of a count is the last one whose least count is not above it.
    bucket = sum(least <= count for least in fitted.least_count or ())
    return (fitted.weights or [])[bucket - 1]
