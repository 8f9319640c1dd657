"""Bootstrap confidence intervals of a mean or a ratio over a series of correlated values."""

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
    """Number of resampled series."""
    block: Annotated[int, Field(ge=1, le=10**9)]
    """Number of neighbouring values that are resampled together as one block. A block should be longer than the
    distance over which values are correlated."""
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Share of the resampled means that lie within the interval."""


def read_bootstrap(params: Path) -> tuple[BootstrapConfig, int]:
    """Read the settings of the bootstrap and the seed from params.yaml.

    Returns:
        First the settings in section `evaluate_lm`, second the value of the key `seed`.
    Raises:
        InputError: if a value is missing or out of range.
    """
    seed: Any = Seed
    return read_params(params, "evaluate_lm", BootstrapConfig), read_params(params, "seed", seed)


def mean_interval(values: NDArray[np.float64], config: BootstrapConfig, *, seed: int) -> tuple[float, float]:
    """Compute the percentile confidence interval of a mean with the circular block bootstrap.

    A resample consists of ceil(n / block) blocks of neighbouring values. Each block starts at a random position of the
    series. The series is circular: its first value follows its last one. Blocks preserve the correlation between
    neighbours, which resampling single values would destroy.

    Args:
        values: the series, shape (n,). If n is less than the block length, the whole series is one block.
        config: settings of the bootstrap.
        seed: seed of the random generator.
    Returns:
        Lower and upper bound of the interval, in the unit of `values`.
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
    """Compute the percentile confidence interval of sum(upper) / sum(lower) with the circular block bootstrap.

    Every resample takes the blocks of both series from the same positions.

    Args:
        upper: series of the numerators, shape (n,).
        lower: series of the denominators, shape (n,).
        config: settings of the bootstrap.
        seed: seed of the random generator.
    Returns:
        Lower and upper bound of the interval.
    Raises:
        InputError: if the resamples do not fit into memory.
    """
    starts = _block_starts(len(upper), config, seed)
    # A ratio of means equals the ratio of sums, because all resamples have the same length.
    above, below = (_resampled_means(values, starts, config) for values in (upper, lower))
    return percentile_interval(above / below, config.confidence)


def percentile_interval(samples: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Return two quantiles of the samples.

    If `confidence` is 0.95, 95% of the samples are between the quantiles, 2.5% are below, and 2.5% are above.
    """
    tail = (1.0 - confidence) / 2
    low, high = np.quantile(samples, [tail, 1.0 - tail])
    return float(low), float(high)


def _block_starts(n: int, config: BootstrapConfig, seed: int) -> NDArray[np.int64]:
    """Draw a random start position for each block of each resample, shape (resamples, blocks)."""
    blocks = -(-n // min(config.block, n))
    require_memory(
        {"resamples": config.resamples, "blocks": blocks}, lambda k, b: 16 * k * b
    )  # 8 bytes for a start, 8 for its block's mean
    return np.random.default_rng(seed).integers(n, size=(config.resamples, blocks))


def _resampled_means(
    values: NDArray[np.float64], starts: NDArray[np.int64], config: BootstrapConfig
) -> NDArray[np.float64]:
    block = min(config.block, len(values))
    # Differences of cumulative sums give all block means in O(n), whatever the block length.
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[: block - 1]]))])
    means = (sums[block:] - sums[:-block]) / block  # (n,), mean of the block that starts at each position
    return np.asarray(means[starts].mean(axis=1))
