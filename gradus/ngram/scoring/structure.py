"""Check the log-probabilities and back-off weights of a model."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.structure import chunks, first_problem
from gradus.ngram.trie import Tables

MOST_LOG = 1e-4
"""Largest accepted ln p of an n-gram; rounding can put ln 1 slightly above 0."""

MOST_BACKOFF = 70.0
"""Largest accepted ln of a back-off weight. Correct models have some weights above 1, but none near 10^30."""


def tables_problem(tables: Tables) -> str | None:
    """Return a description of the first wrong log-probability or back-off weight of a model, or None."""
    checks = [
        partial(_log_probs_problem, tables.log_probs[begin:end]) for begin, end in chunks(1, len(tables.log_probs))
    ]
    checks += [partial(_backoff_problem, tables.backoff[begin:end]) for begin, end in chunks(0, len(tables.backoff))]
    return first_problem(checks)


def _log_probs_problem(log_probs: NDArray[np.float32]) -> str | None:
    # `<=` is false for NaN, so NaN is refused too
    return None if (log_probs <= MOST_LOG).all() else "a probability that is above 1 or NaN"


def _backoff_problem(backoff: NDArray[np.float32]) -> str | None:
    return None if (backoff <= MOST_BACKOFF).all() else "a back-off weight that is too large or NaN"
