"""Additive smoothing: add a constant to every count."""

import math
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Floats, HistoryBatch, MakeRule, Rule
from gradus.ngram.smoothing.held_out import HeldOutCounts
from gradus.ngram.smoothing.orders import FittedModel, fit_orders
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import BOS_NODE, ROOT, Integers
from gradus.params import STRICT
from gradus.results.details import Fitted

RANGE = (1e-9, 1e3)
"""Smallest and largest k that `best_k` tries."""

HALVINGS = 60
"""Number of bisection steps over ln k. After 60 steps, the two ends of the interval are equal."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Additive(Smoother):
    """Additive smoothing. With k = 1 it is Laplace smoothing.

    p(w | h) = (c(hw) + k) / (c(h) + k V)

    After an unseen history, p(w | h) is 1/V. The same formula as an interpolation is:

    p(w | h) = c(hw) / (c(h) + k V) + k V / (c(h) + k V) * 1/V

    The smoother uses 1/V instead of p(w | h'). Therefore the lower orders of a model are uniform. At lower orders,
    only the n-grams that begin with BOS are estimated from their counts, because no longer history exists at the start
    of a line.

    Source: Chen and Goodman (1998), TR-10-98, section 2.1.
    """

    kind: Literal["additive"]
    k: Annotated[float, Field(gt=0, le=10**9)] | Literal["fitted"]
    """Number that is added to the count of every word after every history. With `fitted`, the smoother finds the best
    number for the validation text."""

    @property
    def needs_held_out(self) -> bool:
        """Whether k is fitted."""
        return self.k == "fitted"

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return two named settings: `laplace` with k = 1, and `add_k` with a fitted k."""
        return {"laplace": {"k": 1.0}, "add_k": {"k": "fitted"}}

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit the model of each order separately, because the best k differs between orders."""
        looked_up = None if self.k != "fitted" else HeldOutCounts.look_up(counts, held_out)
        models: dict[int, FittedModel] = {}
        for longest in orders:
            k = float(self.k) if looked_up is None else best_k(*looked_up.longest(longest), counts.trie.types)
            models |= fit_orders(counts, {longest}, _rule(counts, k), _rule(counts, k, after=BOS_NODE))
        return models


def _rule(counts: Counts, k: float, after: int = ROOT) -> MakeRule:
    """Return a function that makes the `Rule` of an order.

    The rule adds k to the counts of all n-grams that begin with the n-gram `after`, a node of the trie. After all other
    histories the next lower order has weight 1, so that the distribution is uniform.
    """
    estimated = counts.trie.descendants(after)

    def estimate(batch: HistoryBatch) -> tuple[Floats, Floats]:
        total = batch.total(batch.counts) + k * batch.types
        alpha, gamma = batch.counts / batch.spread(total), k * batch.types / total
        # for all other n-grams, p(w | h) = 0 + 1 p(w | h'), and the recursion ends at 1/V
        alpha[~_inside(batch.nodes, estimated[batch.order])] = 0.0
        gamma[~_inside(batch.histories, estimated[batch.order - 1])] = 1.0
        return batch.interpolate(alpha, gamma), gamma

    return lambda order: Rule(counts.of(order), estimate, Fitted(k=[k]))


def _inside(nodes: slice, estimated: slice) -> NDArray[np.bool_]:
    """For each node of the range `nodes`, return whether it is in the range `estimated`."""
    here = np.arange(nodes.start, nodes.stop)
    return np.asarray((here >= estimated.start) & (here < estimated.stop))


def best_k(ngrams: NDArray[np.int64], histories: NDArray[np.int64], types: int) -> float:
    """Find the k that maximises the probability of held-out tokens, by bisection within `RANGE`.

    The log-likelihood is a sum over tokens, and so is its derivative with respect to ln k:

    log-likelihood = sum of ln((c(hw) + k) / (c(h) + k V))
    derivative     = sum of (k / (c(hw) + k) - k V / (c(h) + k V))

    The derivative is positive if k is too small.

    Args:
        ngrams: c(hw) of every token, shape (n_tokens,).
        histories: c(h) of every token, shape (n_tokens,).
        types: number of types that a model can predict, V.
    """
    # bisect ln k instead of k, because the range spans twelve orders of magnitude
    low, high = (math.log(k) for k in RANGE)
    for _ in range(HALVINGS):
        k = math.exp((low + high) / 2)
        rising = float(np.sum(k / (ngrams + k) - k * types / (histories + k * types))) > 0
        low, high = ((low + high) / 2, high) if rising else (low, (low + high) / 2)
    return math.exp((low + high) / 2)
