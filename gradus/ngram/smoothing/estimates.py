"""The one form of every smoother here: probabilities of the n-grams seen, and weights for all others.

    p(w | h) = probs[hw]                 where hw was seen
             = weights[h] p(w | h')      where it was not; h' is h without its first word

Interpolation fits the form too, for its share of p(w | h') can be added to every n-gram seen. The recursion ends
in order 0, whose only entry, the empty n-gram, has p = 1/V; order 1 has an entry for every type.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.allocation import Allocate
from gradus.ngram.counting.counts import Counts
from gradus.ngram.trie import ROOT, Integers, Tables, Trie, batches
from gradus.text.special import BOS_ID, PAD_ID

Floats = NDArray[np.float64]

BATCH = 2**17
"""n-grams estimated at once; those of a single history may be more."""


@dataclass(frozen=True)
class Part:
    """Some histories of one order, and all n-grams that continue them: what a smoother looks at.

    Attributes:
        order: words in an n-gram.
        types: predictable types, V.
        histories: the nodes of the histories, H of them.
        nodes: the nodes of the n-grams, E of them, history after history.
        sizes: seen continuations of every history, int64, shape (H,).
        counts: what the smoother takes for the count of every n-gram, int64, shape (E,).
        below: p(w | h') of every n-gram, float64, shape (E,).
    """

    order: int
    types: int
    histories: slice
    nodes: slice
    sizes: NDArray[np.int64]
    counts: NDArray[np.int64]
    below: Floats

    @cached_property
    def _rows(self) -> NDArray[np.int64]:
        """The history of every n-gram, from 0 to H - 1, shape (E,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def total(self, values: NDArray[Any]) -> Floats:
        """Sum over the continuations of every history: sum over w of values[hw], float64, shape (H,)."""
        return np.asarray(np.bincount(self._rows, values, len(self.sizes)), np.float64)

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the value of its history for every n-gram, shape (E,)."""
        return np.asarray(values[self._rows])

    def interpolate(self, alpha: Floats, gamma: Floats) -> Floats:
        """Return p(w | h) = alpha(hw) + gamma(h) p(w | h') of every n-gram, float64, shape (E,).

        Args:
            alpha: what is known of hw itself, shape (E,).
            gamma: share of the order below, shape (H,).
        """
        probs = alpha + self.spread(gamma) * self.below
        if self.order == 1:
            probs[[PAD_ID, BOS_ID]] = 0.0  # no types: never predicted
        return probs


Estimate = Callable[[Part], tuple[Floats, Floats]]
"""Returns p(w | h) of every n-gram, float64 (E,), and the share of every history that goes to p(w | h') of unseen
words, float64 (H,)."""


@dataclass(frozen=True)
class Rule:
    """How one order is estimated.

    Attributes:
        counts: what stands for the counts of its n-grams, integers, shape (E of the order,).
        estimate: turns them into probabilities, some histories at a time.
        fitted: what was estimated from the whole order (discounts, weights), for the manifest.
        warnings: what could not be estimated, and what was done instead.
    """

    counts: Integers
    estimate: Estimate
    fitted: dict[str, list[float]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Findings:
    """What stays of a rule: `fitted` and `warnings` as there."""

    fitted: dict[str, list[float]]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Fitted:
    """A model of order N: its n-grams, their tables, and what was found for orders 1 to N."""

    trie: Trie
    tables: Tables
    findings: tuple[Findings, ...]


MakeRule = Callable[[int], Rule]
"""Returns how an order is estimated."""


def fit_orders(
    counts: Counts, orders: Collection[int], top: MakeRule, lower: MakeRule | None = None
) -> dict[int, Fitted]:
    """Fit the models of some orders.

    Args:
        counts: of orders 1 to N.
        orders: the models wanted, each from 1 to N.
        top: how an order is estimated as the longest of its model.
        lower: how it is estimated as one of the shorter ones of a model; None if that is the same.
    """
    last, empty = max(orders), counts.empty
    trie = counts.trie.up_to(last)
    shared = Tables(empty(trie.size, np.float32), empty(trie.firsts[last], np.float32))
    shared.log_probs[ROOT] = 0.0
    below: Floats = np.full(1, 1 / trie.types)
    findings: tuple[Findings, ...] = ()
    models: dict[int, Fitted] = {}
    for n in range(1, last + 1):
        seen, histories = slice(trie.firsts[n + 1]), slice(trie.firsts[n])
        if n in orders:
            own = n == last or lower is None  # nothing is written over it
            tables = shared if own else Tables(shared.log_probs[seen].copy(), shared.log_weights[histories].copy())
            probs, found = _estimate(trie, top(n), (n, below), tables, empty)
            tables = Tables(tables.log_probs[seen], tables.log_weights[histories])
            models[n] = Fitted(trie.up_to(n), tables, (*findings, found))
        if n < last and not (n in orders and lower is None):
            probs, found = _estimate(trie, (lower or top)(n), (n, below), shared, empty)
        findings, below = (*findings, found), probs
    return models


def _estimate(
    trie: Trie, rule: Rule, at: tuple[int, Floats], tables: Tables, empty: Allocate
) -> tuple[Floats, Findings]:
    """Fill in the tables of one order, whose number and order below are given; return what the order above needs."""
    first, end = trie.firsts[at[0]], trie.firsts[at[0] + 1]
    probs = empty(end - first if end < trie.size else 0, np.float64)  # nothing is above the longest order
    for part in parts(trie, rule.counts, *at):
        p, weights = rule.estimate(part)
        if len(probs):
            probs[part.nodes.start - first : part.nodes.stop - first] = p
        with np.errstate(divide="ignore"):  # ln 0 is -inf
            tables.log_probs[part.nodes], tables.log_weights[part.histories] = np.log(p), np.log(weights)
    return probs, Findings(rule.fitted, rule.warnings)


def parts(trie: Trie, counts: Integers, order: int, below: Floats) -> Iterator[Part]:
    """Divide an order into parts of whole histories.

    Args:
        trie: its n-grams.
        counts: of the order, shape (E,).
        order: the order.
        below: p(w | h') of every n-gram one order below, shape (E of order - 1,).
    """
    above, first = trie.nodes(order - 1), trie.firsts[order]
    begins = trie.begins[above.start : above.stop + 1]
    for begin, end in batches(begins, BATCH):
        nodes = slice(int(begins[begin]), int(begins[end]))
        yield Part(
            order=order,
            types=trie.types,
            histories=slice(above.start + begin, above.start + end),
            nodes=nodes,
            sizes=np.diff(begins[begin : end + 1]).astype(np.int64),
            counts=counts[nodes.start - first : nodes.stop - first].astype(np.int64, copy=False),
            below=below[trie.suffixes[nodes] - np.uint32(above.start)],
        )


def share(part: NDArray[Any], whole: NDArray[Any], *, empty: float = 1.0) -> Floats:
    """Return part / whole per history, and `empty` for those that nothing follows (they end with EOS)."""
    ratio: Floats = np.divide(part, whole, out=np.full(whole.shape, empty), where=whole > 0)
    return ratio
