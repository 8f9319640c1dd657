"""From the nats of every token to perplexity and bits: sums and counts, divided once."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.errors import RunError


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
        RunError: if a value is not a number.
    """
    if np.isnan(nats).any():
        raise RunError("the model's log-probabilities are not numbers; train it again with a lower learning rate")
    zero = np.isposinf(nats)
    return Tally(float(np.sum(nats, where=~zero)), len(nats), int(zero.sum()))


def measures(cost: Tally, characters: int | None = None) -> dict[str, Any]:
    """Return what is printed of a cross-entropy.

    nats_per_token = nll_nats / n_tokens        perplexity = e^nats_per_token
    bits_per_token = nats_per_token / ln 2      bits_per_char = nll_nats / (ln 2 * characters)

    With a token of probability zero the cross-entropy is infinite; JSON cannot say so, and the counts stand
    alone.

    Args:
        cost: nats and tokens of a text.
        characters: its code points, one newline a line; None, where UNK hides some, leaves bits_per_char out.
    Source: Jelinek et al. (1977) for perplexity; EOS is counted, BOS is not.
    """
    counts = {"tokens": cost.n_tokens, "zero_tokens": cost.zero_tokens}
    if cost.zero_tokens:
        return counts
    nats_per_token = cost.nll_nats / cost.n_tokens
    result = counts | {
        "nats": cost.nll_nats,
        "nats_per_token": nats_per_token,
        "bits_per_token": nats_per_token / math.log(2),
        "perplexity": math.exp(nats_per_token),
    }
    if characters is not None:
        result["bits_per_char"] = cost.nll_nats / (math.log(2) * characters)
    return result
