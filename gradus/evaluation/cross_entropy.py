"""Cross-entropy of a text: from negative log-probabilities of tokens to perplexity and bits."""

import math
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.errors import RunError
from gradus.results.score import Score

ROUNDING_NATS = 1e-3
"""Largest accepted excess of ln P over zero.

An ARPA file with four decimals rounds every log10 by up to 5e-5, and ln P is the sum of up to nine of them. Models
built by gradus never exceed zero on the built-in corpus, float32 or not.
"""

MOST_NATS = math.log(sys.float_info.max)
"""Largest cross-entropy, in nats per token, whose perplexity fits into a float."""


@dataclass(frozen=True)
class Tally:
    """Cost of a text under a model, as a sum and its counts, so that tallies can be added."""

    nll_nats: float
    """Negative log-probability, nats, of the tokens whose probability is above zero."""
    n_tokens: int
    """All tokens, EOS and tokens of probability zero included."""
    zero_tokens: int
    """Tokens of probability zero; if there is one, the cross-entropy is infinite."""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.nll_nats + other.nll_nats, self.n_tokens + other.n_tokens, self.zero_tokens + other.zero_tokens
        )


def tally(nats: NDArray[np.float64]) -> Tally:
    """Sum the negative log-probabilities of tokens, shape (n_tokens,), infinite where the probability is zero.

    Raises:
        RunError: if a value is NaN, or a probability is above one by more than rounding.
    """
    if np.isnan(nats).any():
        raise RunError("some log-probabilities of the model are NaN; train it again with a lower learning rate")
    if len(nats) and (least := float(nats.min())) < -ROUNDING_NATS:
        raise RunError(
            f"the model gives a token more than probability 1, e^{-least:.4g}: it is not a probability distribution "
            f"and has no perplexity; build the model again, or get the ARPA file again from its source"
        )
    zero = np.isposinf(nats)
    return Tally(float(np.sum(nats, where=~zero)), len(nats), int(zero.sum()))


def perplexity(nats_per_token: float) -> float:
    """Return e^nats_per_token.

    Raises:
        RunError: if the result does not fit into a float.
    """
    if nats_per_token > MOST_NATS:
        raise RunError(
            f"the text costs {nats_per_token:.4g} nats per token, too much to compute a perplexity; the model is "
            f"broken: train or build it again"
        )
    return math.exp(nats_per_token)


def make_score(cost: Tally, characters: int | None = None) -> Score:
    """Return the cross-entropy of a text in its usual forms.

    nats_per_token = nll_nats / n_tokens        perplexity = e^nats_per_token
    bits_per_token = nats_per_token / ln 2      bits_per_char = nll_nats / (ln 2 * characters)

    If a token has probability zero, the cross-entropy is infinite. JSON has no infinity, so the score then has the
    counts only.

    Args:
        cost: nats and tokens of the text.
        characters: code points of the text, one newline per line; None leaves out bits_per_char, as is right for a
            text with unknown words.
    Raises:
        RunError: if the perplexity does not fit into a float.
    Source: Jelinek et al. (1977) for perplexity; EOS is counted, BOS is not.
    """
    if cost.zero_tokens:
        return Score(tokens=cost.n_tokens, zero_tokens=cost.zero_tokens)
    nll_nats = max(0.0, cost.nll_nats)  # only rounding makes it negative: see `tally`
    nats_per_token = nll_nats / cost.n_tokens
    return Score(
        tokens=cost.n_tokens,
        zero_tokens=0,
        nats=nll_nats,
        nats_per_token=nats_per_token,
        bits_per_token=nats_per_token / math.log(2),
        perplexity=perplexity(nats_per_token),
        bits_per_char=None if characters is None else nll_nats / (math.log(2) * characters),
    )


def make_unnormalised_score(cost: Tally) -> Score:
    """Return the score of a text under a model whose scores are not probabilities: it has no perplexity."""
    mean = None if cost.zero_tokens else cost.nll_nats / cost.n_tokens
    return Score(tokens=cost.n_tokens, zero_tokens=cost.zero_tokens, mean_score_nats=mean)
