"""From the nats of every token to perplexity and bits: sums and counts, divided once."""

import math
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.errors import RunError

ROUNDING_NATS = 1e-3
"""How far -ln P may be below zero: an ARPA file of four decimals rounds every log10 by 5e-5, and P is the sum of up to
nine of them. The models that are built here stay above zero on the built-in corpus, float32 or not."""

MOST_NATS = math.log(sys.float_info.max)
"""Nats per token beyond which a perplexity is no number."""


@dataclass(frozen=True)
class Tally:
    """What a text cost a model: a sum and its count, so that tallies add up."""

    nll_nats: float
    """-sum of ln P over the tokens of non-zero probability."""
    n_tokens: int
    """All tokens, EOS included, those of probability zero too."""
    zero_tokens: int
    """Tokens of probability zero; with any, the text has no finite cross-entropy."""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.nll_nats + other.nll_nats, self.n_tokens + other.n_tokens, self.zero_tokens + other.zero_tokens
        )


def tally(nats: NDArray[np.float64]) -> Tally:
    """Sum -ln P of every token, shape (n_tokens,), infinite where P is zero.

    Raises:
        RunError: if a value is not a number, or a probability is above one by more than rounding.
    """
    if np.isnan(nats).any():
        raise RunError("the model's log-probabilities are not numbers; train it again with a lower learning rate")
    if len(nats) and (least := float(nats.min())) < -ROUNDING_NATS:
        raise RunError(
            f"the model gives a token more than probability 1, e^{-least:.4g}: it is no distribution, and has no "
            f"perplexity; build it again, or get the ARPA file again from its source"
        )
    zero = np.isposinf(nats)
    return Tally(float(np.sum(nats, where=~zero)), len(nats), int(zero.sum()))


def perplexity(nats_per_token: float) -> float:
    """Return e^nats_per_token.

    Raises:
        RunError: if no number is that large.
    """
    if nats_per_token > MOST_NATS:
        raise RunError(
            f"the text costs {nats_per_token:.4g} nats per token, and e to that is no number; the model is broken: "
            f"train or build it again"
        )
    return math.exp(nats_per_token)


def measures(cost: Tally, characters: int | None = None) -> dict[str, Any]:
    """Return what is printed of a cross-entropy.

    nats_per_token = nll_nats / n_tokens        perplexity = e^nats_per_token
    bits_per_token = nats_per_token / ln 2      bits_per_char = nll_nats / (ln 2 * characters)

    With a token of probability zero the cross-entropy is infinite; JSON cannot say so, and the counts stand
    alone.

    Args:
        cost: nats and tokens of a text.
        characters: its code points, one newline a line; None, where UNK hides some, leaves bits_per_char out.
    Raises:
        RunError: as `perplexity`.
    Source: Jelinek et al. (1977) for perplexity; EOS is counted, BOS is not.
    """
    counts = {"tokens": cost.n_tokens, "zero_tokens": cost.zero_tokens}
    if cost.zero_tokens:
        return counts
    nll_nats = max(0.0, cost.nll_nats)  # below it only by rounding: see `tally`
    nats_per_token = nll_nats / cost.n_tokens
    result = counts | {
        "nats": nll_nats,
        "nats_per_token": nats_per_token,
        "bits_per_token": nats_per_token / math.log(2),
        "perplexity": perplexity(nats_per_token),
    }
    if characters is not None:
        result["bits_per_char"] = nll_nats / (math.log(2) * characters)
    return result
