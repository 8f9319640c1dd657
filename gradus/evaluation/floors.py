"""The entropy of a source that is known: nothing can be better, and what seems so has a leak."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gradus.errors import RunError
from gradus.evaluation.bootstrap import BootstrapConfig, mean_interval

LEAK_NATS = 20.0
"""A model that is no leak is this far below the stream floor with probability at most e^-20, 2 in 10^9."""

Context = Literal["line", "stream"]


@dataclass(frozen=True)
class Floors:
    """-ln P(text) of the source itself, nats, whatever the tokenizer.

    The line floor forgets the lines before; the stream floor does not, so it is the lower.
    """

    line_nats: float
    stream_nats: float
    by_line: NDArray[np.float64]
    """The line floor of every line, nats, (n_lines,)."""

    def nats(self, context: Context) -> float:
        """Return the floor of models that know the line so far, or the text so far."""
        return self.line_nats if context == "line" else self.stream_nats


def read_floors(split: Mapping[str, Any], by_line: NDArray[np.float64]) -> Floors:
    """Take the floors from a split of `source.json` and the nats of each of its lines."""
    return Floors(split["line_floor_nats"], split["stream_floor_nats"], by_line)


def refuse_leak(name: str, nll_nats: float, floors: Floors) -> None:
    """Refuse a normalised model that is better than the source: it has seen what it was to predict.

    P(a model costs c nats less than the stream floor) <= e^-c, by Markov's inequality: the ratio Q(text) /
    P(text) has mean at most 1 under P, whatever context Q reads.

    Raises:
        RunError: if the text costs more than `LEAK_NATS` less than the stream floor.
    """
    below = floors.stream_nats - nll_nats
    if below > LEAK_NATS:
        raise RunError(
            f"leak: {name} scores the test text {below:.1f} nats below its source's own entropy, which a model "
            f"that sees only the past does with probability at most e^-{below:.0f}"
        )


def above_floor(nll_nats: float, n_tokens: int, floor_nats: float) -> dict[str, float]:
    """Return how far above a floor a model is: in nats, and per token of its tokenizer."""
    gap = nll_nats - floor_nats
    return {"above_floor_nats": gap, "above_floor_nats_per_token": gap / n_tokens}


def above_line_floor_interval(
    line_nats: NDArray[np.float64], n_tokens: int, floors: Floors, config: BootstrapConfig, *, seed: int
) -> dict[str, float]:
    """Return the interval of `above_floor_nats_per_token` of a model that reads lines one by one.

    Lines of one topic stand together and are easy or hard together, so the differences are resampled in
    blocks of lines.

    Args:
        line_nats: -ln P of every line under the model, (n_lines,).
    """
    low, high = mean_interval(line_nats - floors.by_line, config, seed=seed)
    lines_per_token = len(line_nats) / n_tokens
    return {"above_floor_low": low * lines_per_token, "above_floor_high": high * lines_per_token}
