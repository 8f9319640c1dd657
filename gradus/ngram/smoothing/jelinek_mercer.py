"""Jelinek-Mercer smoothing: a mixture of all orders, with weights fitted on held-out text."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Floats, HistoryBatch, MakeRule, Rule
from gradus.ngram.smoothing.held_out import HeldOutCounts
from gradus.ngram.smoothing.maximum_likelihood import relative_frequencies
from gradus.ngram.smoothing.mixture_weights import Buckets, Stop, bucketed, fit_weights
from gradus.ngram.smoothing.orders import FittedModel, fit_orders
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import Integers
from gradus.params import STRICT
from gradus.results.details import Fitted


@dataclass(frozen=True, kw_only=True, config=STRICT)
class JelinekMercer(Smoother):
    """Jelinek-Mercer smoothing with fitted weights.

    p(w | h) = lambda(h) * c(hw) / c(h) + (1 - lambda(h)) * p(w | h')

    The weight lambda(h) is 0 for an unseen history, and equal for all histories in a bucket. A bucket consists of the
    histories of one order with similar counts. The weights are fitted for each model separately. Order 1 is
    interpolated with 1/V.

    Source: Jelinek and Mercer (1980); Bahl, Jelinek and Mercer (1983) for the buckets; Chen and Goodman (1998),
    TR-10-98, sections 2.3 and 4.1.
    """

    kind: Literal["jelinek_mercer"]
    bucket_tokens: Annotated[int, Field(ge=1, le=10**9)]
    """Minimum number of validation tokens in a bucket."""
    tolerance: Annotated[float, Field(gt=0, le=1)]
    """EM stops when the largest change of a weight is at most this number."""
    iterations: Annotated[int, Field(ge=1, le=10**6)]
    """Maximum number of EM iterations."""

    @property
    def needs_held_out(self) -> bool:
        """Return True: weights are fitted on a validation text, because on the training text all weights would be 1."""
        return True

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return settings that this project chose, because the sources do not publish any."""
        return {"jelinek_mercer": {"bucket_tokens": 500, "tolerance": 1e-6, "iterations": 500}}

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """For each model, fit the weights on the held-out text; then estimate the model with these weights."""
        looked_up = HeldOutCounts.look_up(counts, held_out)
        pairs = zip(looked_up.ngrams, looked_up.histories, strict=True)
        buckets = [bucketed(ngrams, histories, self.bucket_tokens) for ngrams, histories in pairs]
        models: dict[int, FittedModel] = {}
        stop = Stop(self.tolerance, self.iterations)
        for longest in orders:
            # Without the added token, a weight could become 1, and unseen words would have probability zero after the
            # histories of its bucket.
            weights = fit_weights(buckets[:longest], 1 / counts.trie.types, stop, added=1.0)
            models |= fit_orders(counts, {longest}, _rule(counts, buckets, weights))
        return models


def _rule(counts: Counts, buckets: list[Buckets], weights: list[Floats]) -> MakeRule:
    def make(order: int) -> Rule:
        bounds, weight = buckets[order - 1].bounds, weights[order - 1]

        def estimate(batch: HistoryBatch) -> tuple[Floats, Floats]:
            total = batch.total(batch.counts)  # 0 if the history ends with EOS, because no word follows EOS
            own = np.where(total > 0, weight[np.searchsorted(bounds, total, side="right")], 0.0)  # lambda(h)
            return batch.interpolate(batch.spread(own) * relative_frequencies(batch), 1 - own), 1 - own

        fitted = Fitted(weights=weight.tolist(), least_count=[1.0, *bounds.astype(float).tolist()])
        return Rule(counts.of(order), estimate, fitted)

    return make
