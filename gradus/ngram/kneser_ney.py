"""Interpolated Kneser-Ney smoothing, with one discount or three."""

from collections.abc import Collection
from typing import Literal

import numpy as np
from pydantic.dataclasses import dataclass

from gradus.ngram.counts import Counts
from gradus.ngram.discounts import discounted
from gradus.ngram.estimates import Fitted, Rule, fit_orders
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class KneserNeyConfig:
    """Kneser-Ney with one discount per order; it has no parameters."""

    kind: Literal["kneser_ney"]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ModifiedKneserNeyConfig:
    """Kneser-Ney with discounts D1, D2 and D3+ per order; it has no parameters."""

    kind: Literal["modified_kneser_ney"]


def fit_kneser_ney(counts: Counts, orders: Collection[int], n_discounts: Literal[1, 3]) -> dict[int, Fitted]:
    """Fit p(w | h) = (a(hw) - D(a(hw))) / a(h) + gamma(h) p(w | h'), gamma(h) = sum over w of D(a(hw)) / a(h).

    a is the count c in the longest order of a model and the continuation count in the shorter ones,
    a(h) = sum over w of a(hw); order 1 is interpolated with 1/V, as in KenLM's lmplz.

    Args:
        counts: of orders 1 to N.
        orders: the models wanted.
        n_discounts: 1 for Kneser and Ney's single discount, 3 for D1, D2 and D3+ of the modified form.
    Source: Kneser and Ney (1995); Chen and Goodman (1998), TR-10-98, sections 2.7 and 3.
    """

    def top(order: int) -> Rule:
        return discounted(counts.of(order), n_discounts, f"order {order}, counts")

    def lower(order: int) -> Rule:
        return discounted(continuation_counts(counts, order), n_discounts, f"order {order}, continuation counts")

    return fit_orders(counts, orders, top, lower)


def continuation_counts(counts: Counts, order: int) -> Integers:
    """Return in how many n-grams of the order above each one is the suffix: N1+(. hw), shape (E,).

    Nothing stands before BOS, so an n-gram that begins with it keeps its raw count.
    """
    trie = counts.trie
    suffixes = trie.suffixes[trie.nodes(order + 1)] - np.uint32(trie.firsts[order])
    continuations = np.bincount(suffixes, minlength=trie.firsts[order + 1] - trie.firsts[order])
    np.copyto(continuations, counts.of(order), where=continuations == 0)
    return continuations
