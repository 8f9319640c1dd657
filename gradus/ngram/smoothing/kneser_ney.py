"""Interpolated Kneser-Ney smoothing: shorter orders count distinct left neighbours instead of occurrences."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.discounts import Recount, discount_rule
from gradus.ngram.smoothing.estimates import BATCH, Rule
from gradus.ngram.smoothing.orders import FittedModel, fit_orders
from gradus.ngram.smoothing.pruning import Thresholds, rare_ngrams, without
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class KneserNey(Smoother):
    """Kneser-Ney with one discount per order; the formula is at `fit_kneser_ney`.

    Source: Kneser and Ney (1995); Chen and Goodman (1998), TR-10-98, section 2.7.
    """

    kind: Literal["kneser_ney"]
    prune: Thresholds
    """By order: leave out n-grams that occur at most so often."""

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return the model without pruning."""
        return {"kneser_ney": {"prune": [0]}}

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit all orders with one discount each."""
        return fit_kneser_ney(counts, orders, 1, self.prune)


def fit_kneser_ney(
    counts: Counts,
    orders: Collection[int],
    n_discounts: Literal[1, 3],
    prune: Sequence[int],
    recounts: Mapping[int, Recount] | None = None,
) -> dict[int, FittedModel]:
    """Fit interpolated Kneser-Ney models.

    p(w | h) = (a(hw) - D(a(hw))) / a(h) + gamma(h) p(w | h'),  gamma(h) = sum over w of D(a(hw)) / a(h)

    a is the count c in the longest order of a model, and the continuation count in shorter orders.
    a(h) = sum over w of a(hw). Order 1 is interpolated with 1/V, as in KenLM's lmplz.

    Pruning is lmplz's `--prune`: counts, a(h) and discounts are those of all n-grams, and gamma(h) includes all of
    a(hw) where hw is left out. A word pruned from order 1 keeps its id, with the probability gamma / V of a word that
    was never seen. To lmplz it is <unk>, and V excludes it.

    Args:
        counts: counts of orders 1 to N.
        orders: orders of the models to fit.
        n_discounts: 1 for a single discount, 3 for D1, D2 and D3+ of the modified form.
        prune: for each order, leave out n-grams that occur at most so often; as in `Thresholds`.
        recounts: result of `lmplz.last_ngrams`, to reproduce the discounts of lmplz to the last digit.
    Raises:
        InputError: if there are more thresholds than orders.
    """
    rare, recounts = rare_ngrams(counts, prune), recounts or {}

    def longest(order: int) -> Rule:
        return discount_rule(counts.of(order), n_discounts, f"order {order}, counts", rare)

    def shorter(order: int) -> Rule:
        label = f"order {order}, continuation counts"
        return discount_rule(continuation_counts(counts, order), n_discounts, label, rare, recounts.get(order))

    models = fit_orders(counts, orders, longest, shorter)
    return models if rare is None else without(models, rare)


def continuation_counts(counts: Counts, order: int) -> Integers:
    """Return for every n-gram the number of distinct words that precede it, N1+(. hw), shape (E,).

    No word precedes BOS, so an n-gram that begins with BOS keeps its raw count.
    """
    trie, one = counts.trie, np.uint32(1)
    first, end = trie.firsts[order], trie.firsts[order + 1]
    continuations = counts.allocate(end - first, np.uint32)
    continuations[:] = 0
    for begin in range(end, trie.firsts[order + 2], BATCH):
        longer = slice(begin, min(begin + BATCH, trie.firsts[order + 2]))
        # in batches: the int64 copy of all suffixes would be twice as large as the suffixes themselves
        np.add.at(continuations, trie.suffixes[longer].astype(np.int64) - first, one)
    # zero left neighbours: the n-gram begins with BOS, or it is an id that does not occur and counts 0
    np.copyto(continuations, counts.of(order), where=continuations == 0)
    return continuations
