"""Confidence interval of a mean over a series whose neighbours are correlated."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.memory import require_memory
from gradus.params import STRICT, read_params
from gradus.results.fields import Seed


@dataclass(frozen=True, kw_only=True, config=STRICT)
class BootstrapConfig:
    """Settings of the block bootstrap."""

    resamples: Annotated[int, Field(ge=100, le=10**6)]
    """Series to draw."""
    block: Annotated[int, Field(ge=1, le=10**9)]
    """Neighbours drawn together; choose it longer than the correlation reaches."""
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Share of the drawn means that lie within the interval."""


def read_bootstrap(params: Path) -> tuple[BootstrapConfig, int]:
    """Return section `evaluate_lm` of params.yaml, and its seed.

    Raises:
        InputError: if a value is missing or out of range.
    """
    seed: Any = Seed
    return read_params(params, "evaluate_lm", BootstrapConfig), read_params(params, "seed", seed)


def mean_interval(values: NDArray[np.float64], config: BootstrapConfig, *, seed: int) -> tuple[float, float]:
    """Return the percentile interval of a mean by the circular block bootstrap.

    A resample consists of ceil(n / block) blocks of neighbours. Each block starts at a random place; after the last
    value of the series follows the first one. Blocks keep the correlation that drawing single values would lose.

    Args:
        values: the series, shape (n,); a series shorter than a block is one block.
        seed: of the random generator.
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
    """Return the percentile interval of sum(upper) / sum(lower) by the circular block bootstrap.

    Every resample draws the same blocks of both series.

    Args:
        upper, lower: two series, shape (n,).
        seed: of the random generator.
    Raises:
        InputError: if the resamples do not fit into memory.
    """
    starts = _block_starts(len(upper), config, seed)
    above, below = (_resampled_means(values, starts, config) for values in (upper, lower))
    return percentile_interval(above / below, config.confidence)


def percentile_interval(samples: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Return the quantiles that enclose the middle share `confidence` of some samples."""
    tail = (1.0 - confidence) / 2
    low, high = np.quantile(samples, [tail, 1.0 - tail])
    return float(low), float(high)


def _block_starts(n: int, config: BootstrapConfig, seed: int) -> NDArray[np.int64]:
    """Draw the starts of the blocks of every resample, (resamples, blocks)."""
    blocks = -(-n // min(config.block, n))
    require_memory(
        {"resamples": config.resamples, "blocks": blocks}, lambda k, b: 16 * k * b
    )  # 8 bytes for a start, 8 for its block's mean
    return np.random.default_rng(seed).integers(n, size=(config.resamples, blocks))


def _resampled_means(
    values: NDArray[np.float64], starts: NDArray[np.int64], config: BootstrapConfig
) -> NDArray[np.float64]:
    block = min(config.block, len(values))
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[: block - 1]]))])
    means = (sums[block:] - sums[:-block]) / block  # (n,), mean of the block that starts at each position
    return np.asarray(means[starts].mean(axis=1))
