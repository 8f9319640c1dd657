"""Floors: the entropy of a known source. No honest model scores a text much below them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.errors import RunError
from gradus.results.score import Context

LEAK_NATS = 20.0
"""Largest accepted distance below the stream floor; a model without a leak exceeds it with probability e^-20 at most,
which is 2 in 10^9."""


@dataclass(frozen=True)
class Floors:
    """Negative log-probability of a text under its own source, in nats, for any tokenizer.

    The stream floor is the lower one, because it also uses the lines before the current one.
    """

    line_nats: float
    stream_nats: float
    by_line: NDArray[np.float64]
    """Line floor of every line, nats, (n_lines,)."""

    def nats(self, context: Context) -> float:
        """Return the floor of models that read the given context."""
        return self.line_nats if context == "line" else self.stream_nats


def refuse_leak(name: str, nll_nats: float, floors: Floors) -> None:
    """Refuse a model that scores the text far below the source's entropy: it must have seen the text.

    P(nll_nats <= stream floor - c) <= e^-c, by Markov's inequality: under the source P, the ratio Q(text) / P(text)
    has mean 1 at most for every distribution Q.

    Raises:
        RunError: if the text costs less than the stream floor by more than `LEAK_NATS`.
    """
    below = floors.stream_nats - nll_nats
    if below > LEAK_NATS:
        raise RunError(
            f"leak: {name} scores the test text {below:.1f} nats below the entropy of its source; a model that reads "
            f"only earlier text does so with probability e^-{below:.0f} at most"
        )
