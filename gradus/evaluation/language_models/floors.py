"""Floors of a text, and detection of models that have seen the test text.

A floor is the negative log-probability of a generated text under the true distribution that generated the text. A model
whose score is much lower than the floor must have seen the text.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.errors import RunError
from gradus.results.score import Context

LEAK_NATS = 20.0
"""Largest accepted distance of a model's score below the stream floor. The probability that a model which has not seen
the text exceeds this distance is at most e^-20, which is 2 in 10^9."""


@dataclass(frozen=True)
class Floors:
    """Negative log-probability of a text under the true distribution that generated the text.

    The floors do not depend on the tokenizer. The stream floor is lower than the line floor, because the
    stream floor also uses information from earlier lines.
    """

    line_nats: float
    """Line floor, nats: the true distribution reads every line on its own."""
    stream_nats: float
    """Stream floor, nats: the true distribution reads all earlier lines too."""
    by_line: NDArray[np.float64]
    """Line floor of each line, nats, shape (n_lines,)."""

    def nats(self, context: Context) -> float:
        """Return the floor for models that read the given context."""
        return self.line_nats if context == "line" else self.stream_nats


def refuse_leak(name: str, nll_nats: float, floors: Floors) -> None:
    """Raise RunError if a model's score is so far below the floor that the model must have seen the text.

    P(nll_nats <= stream floor - c) <= e^-c for a model Q that has not seen the text. Proof: if the text is a sample of
    the true distribution P, the ratio Q(text) / P(text) has an expected value of at most 1, so Markov's inequality
    bounds the probability that the ratio is at least e^c.

    Args:
        name: name of the model, for the message.
        nll_nats: negative log-probability of the text under the model, nats.
        floors: floors of the text.
    Raises:
        RunError: if `nll_nats` is lower than the stream floor by more than `LEAK_NATS`.
    """
    # In both contexts, because only the stream floor is -ln P of the whole text, to which the inequality applies.
    below = floors.stream_nats - nll_nats
    if below > LEAK_NATS:
        raise RunError(
            f"leak: {name} scores the test text {below:.1f} nats below the floor, which is the entropy of the text's "
            f"source. The probability that a model scores so low without having seen the text is at most "
            f"e^-{below:.0f}"
        )
