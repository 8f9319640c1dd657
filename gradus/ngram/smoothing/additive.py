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
"""Range in which k is fitted."""

HALVINGS = 60
"""Steps of the bisection over ln k: enough that both ends become the same float."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Additive(Smoother):
    """Additive smoothing; k = 1 is Laplace's.

    p(w | h) = (c(hw) + k) / (c(h) + k V), which is 1/V after an unseen history

    The form c(hw) / (c(h) + k V) + k V / (c(h) + k V) 1/V shows that a model is interpolated with 1/V, not with a
    shorter history. So the shorter orders of a model are uniform. The exception is n-grams that begin with BOS, which
    have no longer history at the start of a line: they keep their estimate.

    Source: Chen and Goodman (1998), TR-10-98, section 2.1.
    """

    kind: Literal["additive"]
    k: Annotated[float, Field(gt=0, le=10**9)] | Literal["fitted"]
    """Occurrences added to every type after every history; `fitted`: the best k on the validation text."""

    @property
    def needs_held_out(self) -> bool:
        """Whether k is fitted."""
        return self.k == "fitted"

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return Laplace's k = 1, and k fitted on held-out text."""
        return {"laplace": {"k": 1.0}, "add_k": {"k": "fitted"}}

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit every model by itself; a fitted k differs between models."""
        looked_up = None if self.k != "fitted" else HeldOutCounts.look_up(counts, held_out)
        models: dict[int, FittedModel] = {}
        for longest in orders:
            k = float(self.k) if looked_up is None else best_k(*looked_up.longest(longest), counts.trie.types)
            models |= fit_orders(counts, {longest}, _rule(counts, k), _rule(counts, k, after=BOS_NODE))
        return models


def _rule(counts: Counts, k: float, after: int = ROOT) -> MakeRule:
    """Return a rule: add k to n-grams that begin with the n-gram `after`; make all others uniform."""
    estimated = counts.trie.descendants(after)

    def estimate(batch: HistoryBatch) -> tuple[Floats, Floats]:
        total = batch.total(batch.counts) + k * batch.types
        alpha, gamma = batch.counts / batch.spread(total), k * batch.types / total
        # elsewhere p(w | h) = 0 + 1 p(w | h'), which ends at 1/V
        alpha[~_inside(batch.nodes, estimated[batch.order])] = 0.0
        gamma[~_inside(batch.histories, estimated[batch.order - 1])] = 1.0
        return batch.interpolate(alpha, gamma), gamma

    return lambda order: Rule(counts.of(order), estimate, Fitted(k=[k]))


def _inside(nodes: slice, estimated: slice) -> NDArray[np.bool_]:
    """Return whether each node is in the range `estimated`."""
    here = np.arange(nodes.start, nodes.stop)
    return np.asarray((here >= estimated.start) & (here < estimated.stop))


def best_k(ngrams: NDArray[np.int64], histories: NDArray[np.int64], types: int) -> float:
    """Find the k that maximises the probability of held-out tokens.

    The derivative of sum of ln (c(hw) + k) / (c(h) + k V) by ln k is the sum of k / (c(hw) + k) - k V / (c(h) + k V).
    It is positive while k is too small; bisection follows its sign within `RANGE`.

    Args:
        ngrams: c(hw) of every token, shape (n_tokens,).
        histories: c(h) of every token, shape (n_tokens,).
        types: V.
    """
    # in ln k, because the range spans twelve orders of magnitude
    low, high = (math.log(k) for k in RANGE)
    for _ in range(HALVINGS):
        k = math.exp((low + high) / 2)
        rising = float(np.sum(k / (ngrams + k) - k * types / (histories + k * types))) > 0
        low, high = ((low + high) / 2, high) if rising else (low, (low + high) / 2)
    return math.exp((low + high) / 2)
