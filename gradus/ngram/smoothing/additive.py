"""Additive smoothing: a little more of everything."""

import math
from collections.abc import Collection
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Fitted, Floats, MakeRule, Part, Rule, fit_orders
from gradus.ngram.smoothing.held_out import HeldOut
from gradus.ngram.trie import AT_BOS, ROOT, Integers
from gradus.params import STRICT

RANGE = (1e-9, 1e3)
"""Where a fitted k is looked for."""

HALVINGS = 60
"""Of the range of ln k, until the ends are one float."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AdditiveConfig:
    """Additive smoothing; k = 1 is Laplace's."""

    kind: Literal["additive"]
    k: Annotated[float, Field(gt=0, le=10**9)] | Literal["fitted"]
    """Occurrences added to every type after every history; `fitted`: what suits the validation text best."""


def fit_additive(
    counts: Counts, orders: Collection[int], k: float | Literal["fitted"], valid: Integers
) -> dict[int, Fitted]:
    """Fit p(w | h) = (c(hw) + k) / (c(h) + k V), which is 1/V after an unseen history.

    In the common form c(hw) / (c(h) + k V) is interpolated with 1/V, not with a shorter history, so the shorter
    orders of a model are uniform. Only at the start of a line, where there are no more words, do they count:
    n-grams that begin with BOS keep their estimate.

    Args:
        counts: of orders 1 to N.
        orders: the models wanted; a fitted k is each one's own.
        k: the occurrences added, or `fitted`.
        valid: ids of the validation text, shape (n_tokens,).
    Source: Chen and Goodman (1998), TR-10-98, section 2.1.
    """
    held_out = HeldOut.of(counts, valid) if k == "fitted" else None
    models: dict[int, Fitted] = {}
    for longest in orders:
        added = best_k(*held_out.longest(longest), counts.trie.types) if held_out else float(k)
        models |= fit_orders(counts, {longest}, _rule(counts, added), _rule(counts, added, after=AT_BOS))
    return models


def _rule(counts: Counts, k: float, after: int = ROOT) -> MakeRule:
    """Return how an order is estimated where its n-grams begin with those of a node; elsewhere it is uniform."""
    begin_there = counts.trie.continuations(after)

    def estimate(part: Part) -> tuple[Floats, Floats]:
        total = part.total(part.counts) + k * part.types
        alpha, gamma = part.counts / part.spread(total), k * part.types / total
        alpha[~_inside(part.nodes, begin_there[part.order])] = 0.0
        gamma[~_inside(part.histories, begin_there[part.order - 1])] = 1.0
        return part.interpolate(alpha, gamma), gamma

    return lambda order: Rule(counts.of(order), estimate, {"k": [k]})


def _inside(nodes: slice, range_: slice) -> NDArray[np.bool_]:
    here = np.arange(nodes.start, nodes.stop)
    return np.asarray((here >= range_.start) & (here < range_.stop))


def best_k(ngrams: NDArray[np.int64], histories: NDArray[np.int64], types: int) -> float:
    """Find the k under which held-out tokens are most probable.

    The derivative of sum of ln (c(hw) + k) / (c(h) + k V) by ln k is the sum of k / (c(hw) + k) - k V / (c(h) + k V):
    positive while k is too small. Its sign is followed by bisection within `RANGE`.

    Args:
        ngrams: c(hw) of every token, shape (n_tokens,).
        histories: c(h) of every token, shape (n_tokens,).
        types: V.
    """
    low, high = (math.log(k) for k in RANGE)
    for _ in range(HALVINGS):
        k = math.exp((low + high) / 2)
        rising = float(np.sum(k / (ngrams + k) - k * types / (histories + k * types))) > 0
        low, high = ((low + high) / 2, high) if rising else (low, (low + high) / 2)
    return math.exp((low + high) / 2)
