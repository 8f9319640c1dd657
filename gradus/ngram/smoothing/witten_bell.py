"""Witten-Bell smoothing: a history that many different words followed leaves more for words not yet seen."""

from collections.abc import Collection
from typing import Literal

from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Fitted, Floats, Part, Rule, fit_orders, share
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WittenBellConfig:
    """Witten-Bell smoothing has no parameters."""

    kind: Literal["witten_bell"]


def fit_witten_bell(counts: Counts, orders: Collection[int]) -> dict[int, Fitted]:
    """Fit p(w | h) = (c(hw) + t(h) p(w | h')) / (c(h) + t(h)).

    t(h) is the number of types seen after h: how often something new has come. Order 1 is interpolated with 1/V.

    Source: Witten and Bell (1991), method C; Chen and Goodman (1998), TR-10-98, equations (15) to (17).
    """
    return fit_orders(counts, orders, lambda order: Rule(counts.of(order), _estimate))


def _estimate(part: Part) -> tuple[Floats, Floats]:
    types = part.total(part.counts > 0)
    total = part.total(part.counts) + types
    return part.interpolate(part.counts / part.spread(total), share(types, total)), share(types, total)
