"""How sure a mean is when neighbours resemble each other."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.memory import require_memory
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class BootstrapConfig:
    """How to resample a series."""

    resamples: Annotated[int, Field(ge=100, le=10**6)]
    block: Annotated[int, Field(ge=1, le=10**9)]
    """Neighbours drawn together; longer than they resemble each other."""
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)]


def mean_interval(values: NDArray[np.float64], config: BootstrapConfig, *, seed: int) -> tuple[float, float]:
    """Return the circular block bootstrap's percentile interval of a mean.

    A resample strings together ceil(n / block) blocks of neighbours, each begun at a random place, the end of
    the series joined to its beginning. Blocks keep the correlation that drawing single values would lose.

    Args:
        values: a series, shape (n,); a series shorter than a block is one block.
        seed: of the draws.
    Returns:
        Lower and upper bound of the mean, in the unit of `values`.
    Raises:
        InputError: if the resamples do not fit into memory.
    Source: Politis and Romano (1992), A circular block-resampling procedure for stationary data; Künsch
        (1989) for blocks that overlap.
    """
    n, block = len(values), min(config.block, len(values))
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[: block - 1]]))])
    means = (sums[block:] - sums[:-block]) / block  # (n,) of the block that begins at each place
    blocks = -(-n // block)
    require_memory({"resamples": config.resamples, "blocks": blocks}, lambda k, b: 16 * k * b)  # starts and means
    starts = np.random.default_rng(seed).integers(n, size=(config.resamples, blocks))
    tail = (1.0 - config.confidence) / 2
    low, high = np.quantile(means[starts].mean(axis=1), [tail, 1.0 - tail])
    return float(low), float(high)
