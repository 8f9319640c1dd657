"""Estimate n-gram models order by order, from order 1 to the highest."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from gradus.allocation import Allocate
from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Floats, MakeRule, Rule, history_batches
from gradus.ngram.trie import ROOT, Tables, Trie
from gradus.results.details import Fitted


@dataclass(frozen=True)
class OrderReport:
    """Fitted parameters of one order, and warnings about them."""

    fitted: Fitted
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class FittedModel:
    """Fitted model of order N: a trie, tables of log-probabilities and back-off weights, and one report per order."""

    trie: Trie
    tables: Tables
    reports: tuple[OrderReport, ...]
    """Fitted parameters and warnings of each of the orders 1 to N."""


def fit_orders(
    counts: Counts, orders: Collection[int], longest: MakeRule, shorter: MakeRule | None = None
) -> dict[int, FittedModel]:
    """Fit the models of some orders.

    Args:
        counts: counts of orders 1 to N.
        orders: orders of the models to fit, each from 1 to N.
        longest: function that returns the `Rule` (counts and estimator) for the highest order of a model.
        shorter: function that returns the `Rule` for a lower order of a model. If it is None, `longest` is used for all
            orders.
    """
    last, allocate = max(orders), counts.allocate
    trie = counts.trie.up_to(last)
    # one pair of tables for all models, because lower orders have equal values in all models and come first
    shared = Tables(allocate(trie.size, np.float32), allocate(trie.firsts[last], np.float32))
    shared.log_probs[ROOT] = 0.0
    below: Floats = np.full(1, 1 / trie.types)
    reports: tuple[OrderReport, ...] = ()
    models: dict[int, FittedModel] = {}
    for n in range(1, last + 1):
        seen, histories = slice(trie.firsts[n + 1]), slice(trie.firsts[n])
        if n in orders:
            # this model needs its own tables if models of higher order estimate order n by another rule
            own = n == last or shorter is None
            tables = shared if own else Tables(shared.log_probs[seen].copy(), shared.backoff[histories].copy())
            probs, report = _estimate(trie, longest(n), n, below, tables, allocate)
            tables = Tables(tables.log_probs[seen], tables.backoff[histories])
            models[n] = FittedModel(trie.up_to(n), tables, (*reports, report))
        if n < last and not (n in orders and shorter is None):
            probs, report = _estimate(trie, (shorter or longest)(n), n, below, shared, allocate)
        reports, below = (*reports, report), probs
    return models


def _estimate(
    trie: Trie, rule: Rule, order: int, below: Floats, tables: Tables, allocate: Allocate
) -> tuple[Floats, OrderReport]:
    """Estimate one order, and write its log-probabilities and back-off weights to `tables`.

    Returns:
        First the probability of every n-gram of the order, or an empty array for the highest order of the trie;
        second the report.
    """
    first, end = trie.firsts[order], trie.firsts[order + 1]
    # the next order needs float64 probabilities, because the rounding errors of float32 would accumulate
    # and no order needs the probabilities of the highest order
    probs = allocate(end - first if end < trie.size else 0, np.float64)
    for batch in history_batches(trie, rule.counts, order, below):
        p, weights = rule.estimate(batch)
        if len(probs):
            probs[batch.nodes.start - first : batch.nodes.stop - first] = p
        with np.errstate(divide="ignore"):  # ln 0 is -inf
            tables.log_probs[batch.nodes], tables.backoff[batch.histories] = np.log(p), np.log(weights)
    return probs, OrderReport(rule.fitted, rule.warnings)
