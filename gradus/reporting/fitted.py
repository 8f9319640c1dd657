"""What the smoothers fitted: discounts, weights, k, by the order of the n-grams."""

from collections.abc import Iterator, Sequence
from typing import Any

from gradus.reporting.ngrams import orders_of
from gradus.reporting.results import Metrics, Results, get
from gradus.reporting.table import MISSING, Table, number

HISTORIES = (1, 10, 100, 1000)
"""Occurrences of a history after which a mixture's weight is shown."""


def fitted_table(results: Results) -> Table:
    """Return one row per smoother and parameter; none for a smoother that has none."""
    orders = orders_of(results)
    rows = [
        [name, parameter, *cells]
        for name, metrics in results.smoothers.items()
        for parameter, cells in _parameters(get(metrics, "kind"), get(results.details[f"lm/{name}"], "fitted"), orders)
    ]
    return Table(
        "fitted",
        "Parameters of the models of the highest order, by the order of the n-grams. k: added to every count. d1, d2, "
        "...: factors of counts of 1, 2, ... (Katz). D: taken from every count; D1, D2, D3+: from counts of 1, of 2, "
        "of 3 and more. λ(c): weight of the order's own frequencies after a history seen c times; the rest is the "
        "shorter order's. k and λ fit the validation text, unless params.yaml names k.",
        ["smoother", "parameter", *(f"order {order}" for order in orders)],
        rows,
    )


def _parameters(kind: Any, fitted: Metrics | None, orders: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield every parameter of a model, and its value at every order."""
    by_order = [_named((fitted or {}).get(order, {}), kind) for order in orders]
    for parameter in dict.fromkeys(name for values in by_order for name in values):
        yield parameter, [values.get(parameter, MISSING) for values in by_order]


def _named(fitted: Metrics, kind: Any) -> dict[str, str]:
    """Return what was fitted at one order: text by parameter."""
    if "k" in fitted:
        return {"k": f"{fitted['k'][0]:.3g}"}
    if "weights" in fitted:
        return {f"λ({count})": number(_weight(fitted, count), 3) for count in HISTORIES}
    discounts: Sequence[float] = fitted.get("discounts", ())
    if kind == "katz":
        names = [f"d{count}" for count in range(1, len(discounts) + 1)]
    else:
        names = ["D"] if len(discounts) == 1 else ["D1", "D2", "D3+"]
    return {name: number(value, 3) for name, value in zip(names, discounts, strict=False)}


def _weight(fitted: Metrics, count: int) -> float:
    """Return the weight after a history seen so often: that of the last bucket that begins at this count or below."""
    bucket = sum(least <= count for least in fitted["least_count"])
    weight: float = fitted["weights"][bucket - 1]
    return weight
