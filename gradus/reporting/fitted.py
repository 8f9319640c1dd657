"""Make the table of the parameters that smoothers fitted: discounts, interpolation weights, k of add-k smoothing."""

from collections.abc import Iterator, Mapping, Sequence

from gradus.reporting.ngrams import orders_of
from gradus.reporting.results import Results
from gradus.reporting.table import MISSING, Table, number
from gradus.results.details import Fitted

HISTORIES = (1, 10, 100, 1000)
"""Counts of histories for which the table shows interpolation weights. A history is the tokens before a token."""


def fitted_table(results: Results) -> Table:
    """Return the table of the fitted parameters, with one row per smoother and parameter."""
    orders = orders_of(results)
    rows = [
        [name, parameter, *cells]
        for name, smoother in results.smoothers.items()
        for parameter, cells in _parameters(smoother.kind, results.lm_details[name].fitted, orders)
    ]
    return Table(
        "fitted",
        "Parameters of each smoother's model of the highest order. Each column shows the parameters for n-grams of "
        "one order. k: number that is added to every count. d1, d2, ...: factors by which Katz smoothing multiplies "
        "the counts 1, 2, ... D: discount that is subtracted from every count. D1, D2, D3+: discounts that are "
        "subtracted from the counts 1, 2, and 3 or more. λ(c): interpolation weight of the relative frequencies of "
        "this order after a history (the tokens before a token) with count c; the weight of the next lower order is "
        "1 - λ(c). k and λ are fitted on the validation text; k is not fitted if params.yaml sets it.",
        ["smoother", "parameter", *(f"order {order}" for order in orders)],
        rows,
    )


def _parameters(kind: str, fitted: Mapping[str, Fitted], orders: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield pairs: the name of a parameter, and the cells with the parameter's values, one cell per order."""
    by_order = [_named(fitted.get(order, Fitted()), kind) for order in orders]
    for parameter in dict.fromkeys(name for values in by_order for name in values):
        yield parameter, [values.get(parameter, MISSING) for values in by_order]


def _named(fitted: Fitted, kind: str) -> dict[str, str]:
    """Return a dict from the names of the parameters of one order to their values as text."""
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
    """Return the interpolation weight after a history (the tokens before a token) that has the given count."""
    # Buckets are in ascending order. A count belongs to the last bucket whose least count it reaches.
    bucket = sum(least <= count for least in fitted.least_count or ())
    return (fitted.weights or [])[bucket - 1]
