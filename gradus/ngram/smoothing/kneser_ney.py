"""Interpolated Kneser-Ney smoothing, with one discount or three."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import numpy as np
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.discounts import discounted
from gradus.ngram.smoothing.estimates import BATCH, Fitted, Rule, fit_orders
from gradus.ngram.smoothing.pruning import Thresholds, rare_ngrams, without
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class KneserNeyConfig:
    """Kneser-Ney with one discount per order."""

    kind: Literal["kneser_ney"]
    prune: Thresholds
    """By order: n-grams that occur so often or less are left out of the model."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ModifiedKneserNeyConfig:
    """Kneser-Ney with discounts D1, D2 and D3+ per order."""

    kind: Literal["modified_kneser_ney"]
    prune: Thresholds
    """By order: n-grams that occur so often or less are left out of the model."""


def fit_kneser_ney(
    counts: Counts,
    orders: Collection[int],
    n_discounts: Literal[1, 3],
    prune: Sequence[int] = (0,),
    moved: Mapping[int, tuple[int, int]] | None = None,
) -> dict[int, Fitted]:
    """Fit p(w | h) = (a(hw) - D(a(hw))) / a(h) + gamma(h) p(w | h'), gamma(h) = sum over w of D(a(hw)) / a(h).

    a is the count c in the longest order of a model and the continuation count in the shorter ones,
    a(h) = sum over w of a(hw); order 1 is interpolated with 1/V, as in KenLM's lmplz.

    Pruning is lmplz's `--prune`: counts, a(h) and discounts are those of all n-grams, and gamma(h) gets all of a(hw)
    where hw is left out. A word pruned from order 1 keeps its id, with the probability gamma / V of a word never
    seen; to lmplz it is <unk>, and V does not count it.

    Args:
        counts: of orders 1 to N.
        orders: the models wanted.
        n_discounts: 1 for Kneser and Ney's single discount, 3 for D1, D2 and D3+ of the modified form.
        prune: how often the n-grams of each order occur, at most, that are left out; as of `Thresholds`.
        moved: what `lmplz.last_ngrams` found, where discounts shall be lmplz's to the last digit.
    Raises:
        InputError: if there are more thresholds than orders.
    Source: Kneser and Ney (1995); Chen and Goodman (1998), TR-10-98, sections 2.7 and 3.
    """
    rare, moved = rare_ngrams(counts, prune), moved or {}

    def top(order: int) -> Rule:
        return discounted(counts.of(order), n_discounts, f"order {order}, counts", rare)

    def lower(order: int) -> Rule:
        called = f"order {order}, continuation counts"
        return discounted(continuation_counts(counts, order), n_discounts, called, rare, moved.get(order, (0, 0)))

    models = fit_orders(counts, orders, top, lower)
    return models if rare is None else without(models, rare)


def continuation_counts(counts: Counts, order: int) -> Integers:
    """Return in how many n-grams of the order above each one is the suffix: N1+(. hw), shape (E,).

    Nothing stands before BOS, so an n-gram that begins with it keeps its raw count.
    """
    trie, one = counts.trie, np.uint32(1)
    first, end = trie.firsts[order], trie.firsts[order + 1]
    continuations = counts.empty(end - first, np.uint32)
    continuations[:] = 0
    for begin in range(end, trie.firsts[order + 2], BATCH):
        longer = slice(begin, min(begin + BATCH, trie.firsts[order + 2]))
        np.add.at(continuations, trie.suffixes[longer].astype(np.int64) - first, one)
    np.copyto(continuations, counts.of(order), where=continuations == 0)
    return continuations
