"""Interpolated Kneser-Ney smoothing: the lower orders use continuation counts instead of occurrences."""

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
    """Kneser-Ney smoothing with one discount per order. `fit_kneser_ney` documents the formula.

    Source: Kneser and Ney (1995); Chen and Goodman (1998), TR-10-98, section 2.7.
    """

    kind: Literal["kneser_ney"]
    prune: Thresholds
    """Pruning threshold of each order. An n-gram is removed if its number of occurrences is at most the threshold."""

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return settings without pruning."""
        return {"kneser_ney": {"prune": [0]}}

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit every order with one discount."""
        return fit_kneser_ney(counts, orders, 1, self.prune)


def fit_kneser_ney(
    counts: Counts,
    orders: Collection[int],
    n_discounts: Literal[1, 3],
    prune: Sequence[int],
    recounts: Mapping[int, Recount] | None = None,
) -> dict[int, FittedModel]:
    """Fit interpolated Kneser-Ney models.

    p(w | h) = (a(hw) - D(a(hw))) / a(h) + gamma(h) * p(w | h')

    gamma(h) = sum over w of D(a(hw)) / a(h)

    a is the count c in the highest order of a model, and the continuation count in all lower orders. D(a(hw)) is the
    discount for the count a(hw), and a(h) = sum over w of a(hw). Order 1 is interpolated with 1/V, as in KenLM's lmplz.

    Pruning works as in `lmplz --prune`. First a(h) and the discounts are computed from all n-grams. Then the discount
    of a pruned n-gram becomes its whole count a(hw), which increases gamma(h). There is one difference. Here a word
    that is pruned from order 1 keeps its id and gets gamma / V, the probability of an unseen word. lmplz replaces this
    word by <unk> and does not count it in V.

    Args:
        counts: counts of orders 1 to N.
        orders: orders of the models to fit.
        n_discounts: 1 for a single discount, or 3 for D1, D2 and D3+ (modified Kneser-Ney).
        prune: pruning thresholds, as in `Thresholds`.
        recounts: result of `lmplz.last_ngrams`, to reproduce the discounts of lmplz exactly; None otherwise.
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
    """Return the continuation count of every n-gram of an order, shape (E,).

    It is the number of distinct words that precede the n-gram in the text. Chen and Goodman write it as `N1+(. hw)`.

    No word precedes BOS. The result for an n-gram that begins with BOS is its number of occurrences.
    """
    trie, one = counts.trie, np.uint32(1)
    first, end = trie.firsts[order], trie.firsts[order + 1]
    continuations = counts.allocate(end - first, np.uint32)
    continuations[:] = 0
    for begin in range(end, trie.firsts[order + 2], BATCH):
        longer = slice(begin, min(begin + BATCH, trie.firsts[order + 2]))
        # in batches, because an int64 copy of all suffixes would be twice as large as the suffixes
        np.add.at(continuations, trie.suffixes[longer].astype(np.int64) - first, one)
    # a zero is left for n-grams that begin with BOS, and for ids that do not occur, whose count is 0 as well
    np.copyto(continuations, counts.of(order), where=continuations == 0)
    return continuations
