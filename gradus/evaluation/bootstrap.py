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
    starts = _block_starts(len(values), config, seed)
    return percentile_interval(_resampled_means(values, starts, config), config.confidence)


def ratio_interval(
    upper: NDArray[np.float64], lower: NDArray[np.float64], config: BootstrapConfig, *, seed: int
) -> tuple[float, float]:
    """Return the same interval of sum(upper) / sum(lower), two series of which every resample draws the same blocks.

    Args:
        upper, lower: shape (n,) both.
        seed: of the draws.
    Raises:
        InputError: as `mean_interval`.
    """
    starts = _block_starts(len(upper), config, seed)
    above, below = (_resampled_means(values, starts, config) for values in (upper, lower))
    return percentile_interval(above / below, config.confidence)


def percentile_interval(samples: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Return the bounds between which the middle `confidence` of some samples lies."""
    tail = (1.0 - confidence) / 2
    low, high = np.quantile(samples, [tail, 1.0 - tail])
    return float(low), float(high)


def _block_starts(n: int, config: BootstrapConfig, seed: int) -> NDArray[np.int64]:
    """Draw where the blocks of every resample begin, (resamples, blocks)."""
    blocks = -(-n // min(config.block, n))
    require_memory({"resamples": config.resamples, "blocks": blocks}, lambda k, b: 16 * k * b)  # starts and means
    return np.random.default_rng(seed).integers(n, size=(config.resamples, blocks))


def _resampled_means(
    values: NDArray[np.float64], starts: NDArray[np.int64], config: BootstrapConfig
) -> NDArray[np.float64]:
    block = min(config.block, len(values))
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[: block - 1]]))])
    means = (sums[block:] - sums[:-block]) / block  # (n,) of the block that begins at each place
    return np.asarray(means[starts].mean(axis=1))
