"""Compute cross-entropy, perplexity and bits from the negative log-probabilities of a text's tokens."""

import math
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.errors import RunError
from gradus.results.score import Score

ROUNDING_NATS = 1e-3
"""Largest ln P above zero that counts as a rounding error; a larger ln P means that the model is wrong.

An ARPA file with four decimals has rounding errors of up to 5e-5 in every log10 value, and ln P is a sum of up to nine
such values. For models that gradus built, ln P never exceeds zero on the built-in corpus, in float32 and in float64.
"""

MOST_NATS = math.log(sys.float_info.max)
"""Largest cross-entropy, in nats per token, whose perplexity is a finite float."""


@dataclass(frozen=True)
class Tally:
    """Sum of the negative log-probabilities of a text's tokens, and counts of the tokens.

    The sums and the counts of two texts can be added; their means cannot be added.
    """

    nll_nats: float
    """Sum of the negative log-probabilities, in nats, over the tokens whose probability is above zero."""
    n_tokens: int
    """Number of all tokens, including EOS and tokens whose probability is zero."""
    zero_tokens: int
    """Number of tokens whose probability is zero. The cross-entropy is infinite if this number is not zero."""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.nll_nats + other.nll_nats, self.n_tokens + other.n_tokens, self.zero_tokens + other.zero_tokens
        )


def tally(nats: NDArray[np.float64]) -> Tally:
    """Sum the negative log-probabilities of a text's tokens.

    Args:
        nats: negative log-probability of every token, nats, shape (n_tokens,); infinite if the probability is zero.
    Raises:
        RunError: if a value is NaN, or a probability is above one by more than a rounding error.
    """
    # This check comes first: every comparison with NaN is false, so NaN would pass the next check.
    if np.isnan(nats).any():
        raise RunError("some log-probabilities of the model are NaN; train the model again with a lower learning rate")
    if len(nats) and (least := float(nats.min())) < -ROUNDING_NATS:
        raise RunError(
            f"the model assigns the probability e^{-least:.4g}, which is above 1, to a token. Therefore the model is "
            f"not a probability distribution and has no perplexity; build the model again, or download its ARPA file "
            f"again"
        )
    # Tokens with probability zero are counted instead of summed, so that the sum stays finite.
    zero = np.isposinf(nats)
    return Tally(float(np.sum(nats, where=~zero)), len(nats), int(zero.sum()))


def perplexity(nats_per_token: float) -> float:
    """Return the perplexity, which is `e^nats_per_token`.

    Raises:
        RunError: if the result is larger than the largest float.
    """
    if nats_per_token > MOST_NATS:
        raise RunError(
            f"the cross-entropy of the text is {nats_per_token:.4g} nats per token, too large to compute a perplexity; "
            f"the model is broken: train or build the model again"
        )
    return math.exp(nats_per_token)


def make_score(cost: Tally, characters: int | None = None) -> Score:
    """Compute the cross-entropy and the perplexity of a text, the bits per token, and the bits per character.

    nats_per_token = nll_nats / n_tokens        perplexity = e^nats_per_token
    bits_per_token = nats_per_token / ln 2      bits_per_char = nll_nats / (ln 2 * characters)

    If a token has probability zero, the cross-entropy is infinite. JSON cannot represent infinity, so in this case the
    score contains only the two counts.

    Args:
        cost: sum of the negative log-probabilities of the text, and its counts.
        characters: number of code points in the text, including one newline per line. None if the text has unknown
            words, whose characters the model does not predict; then the score has no bits_per_char.
    Raises:
        RunError: if the perplexity is larger than the largest float.
    Source: Jelinek et al. (1977) for perplexity. EOS counts as a token, BOS does not.
    """
    if cost.zero_tokens:
        return Score(tokens=cost.n_tokens, zero_tokens=cost.zero_tokens)
    nll_nats = max(0.0, cost.nll_nats)  # `tally` has checked that a negative sum is a rounding error
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
    """Compute the score of a text under a model whose scores are not probabilities.

    The result has no perplexity. Instead it has `mean_score_nats`, the mean negative logarithm of the token scores.
    """
    mean = None if cost.zero_tokens else cost.nll_nats / cost.n_tokens
    return Score(tokens=cost.n_tokens, zero_tokens=cost.zero_tokens, mean_score_nats=mean)
