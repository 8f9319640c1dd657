"""Define the floors of a text, and refuse models that have seen the test text.

A floor is the negative log-probability of a generated text under the true distribution that generated the text. A model
whose score is much lower than the floor must have seen the text.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.errors import RunError
from gradus.results.score import Context

LEAK_NATS = 20.0
"""A model is refused if its negative log-probability of the text is below the stream floor by more than this number.
The stream floor is the negative log-probability of the text under the true distribution, which predicts every line from
all earlier lines. A model that has not seen the text is refused with a probability of at most `e^-20`, which is
2 in 10^9."""


@dataclass(frozen=True)
class Floors:
    """Negative log-probabilities of a text under the true distribution that generated the text.

    For the line floor, the true distribution predicts every line without the earlier lines. For the stream floor, it
    predicts every line from all earlier lines, so the stream floor is lower. The floors do not depend on the tokenizer.
    """

    line_nats: float
    """Line floor, nats: the true distribution predicts every line without the earlier lines."""
    stream_nats: float
    """Stream floor, nats: the true distribution predicts every line from all earlier lines."""
    by_line: NDArray[np.float64]
    """Line floors of the single lines, nats, shape (n_lines,). Their sum is `line_nats`."""

    def nats(self, context: Context) -> float:
        """Return the floor for models that read the given context, `line` or `stream`."""
        return self.line_nats if context == "line" else self.stream_nats


def refuse_leak(name: str, nll_nats: float, floors: Floors) -> None:
    """Raise RunError if a model's `nll_nats` is so low that the model must have seen the text.

    The stream floor is `-ln P(text)`, where P is the true distribution that generated the text. For a model Q that has
    not seen the text, and for any number c:

    Pr(nll_nats <= stream floor - c) <= e^-c

    Proof: the text is a sample of P, so the ratio `Q(text) / P(text)` has an expected value of at most 1. By Markov's
    inequality the ratio is at least `e^c` with a probability of at most `e^-c`.

    Args:
        name: name of the model, for the message.
        nll_nats: negative log-probability of the text under the model, nats.
        floors: floors of the text.
    Raises:
        RunError: if `nll_nats` is lower than the stream floor by more than `LEAK_NATS`.
    """
    # Scores in the context `line` are compared with the stream floor too: only this floor is -ln P of the whole text.
    below = floors.stream_nats - nll_nats
    if below > LEAK_NATS:
        raise RunError(
            f"leak: {name} scores the test text {below:.1f} nats below the floor, which is the entropy of the text's "
            f"source. The probability that a model scores so low without having seen the text is at most "
            f"e^-{below:.0f}"
        )
