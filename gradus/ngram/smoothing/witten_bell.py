"""Witten-Bell smoothing: unseen words get more probability after a history with more distinct continuations."""

from collections.abc import Collection
from typing import Literal

from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Floats, HistoryBatch, Rule, share
from gradus.ngram.smoothing.orders import FittedModel, fit_orders
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WittenBell(Smoother):
    """Witten-Bell smoothing.

    p(w | h) = (c(hw) + t(h) * p(w | h')) / (c(h) + t(h))

    t(h) is the number of distinct words seen after h. Order 1 is interpolated with 1/V.

    Source: Witten and Bell (1991), method C; Chen and Goodman (1998), TR-10-98, equations (15) to (17).
    """

    kind: Literal["witten_bell"]

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit every order by the Witten-Bell formula."""
        return fit_orders(counts, orders, lambda order: Rule(counts.of(order), _estimate))


def _estimate(batch: HistoryBatch) -> tuple[Floats, Floats]:
    types = batch.total(batch.counts > 0)  # `> 0`, because order 1 also has n-grams for ids that do not occur
    total = batch.total(batch.counts) + types
    return batch.interpolate(batch.counts / batch.spread(total), share(types, total)), share(types, total)
