"""Confidence interval of the difference between two runs of a model, from both runs' scores of the same lines."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradus.evaluation.bootstrap import BootstrapConfig, mean_interval, percentile_interval, ratio_interval
from gradus.evaluation.language_models.line_scores import LineScores
from gradus.evaluation.translation_models.bleu import bleu_of
from gradus.memory import require_memory
from gradus.review.headline import Headline

Interval = tuple[float, float]

LEAST_BLOCKS = 10
"""Minimum number of blocks of lines in a resample. If one block were the whole text, all resamples would be equal."""


def line_interval(
    headline: Headline, before: LineScores, after: LineScores, config: BootstrapConfig, *, seed: int
) -> Interval:
    """Return the confidence interval of the relative change in perplexity or in tokens of probability zero.

    The method is a paired circular block bootstrap over lines. In each resample, the relative change of the perplexity
    is computed from the nats and the tokens of the drawn lines:

        e^(sum(nats_after - nats_before) / sum(tokens)) - 1

    The relative change of the number of tokens of probability zero is computed from the mean number of such tokens per
    line. In the numerator, the means are over the drawn lines; in the denominator, the mean is over the whole text:

        (mean_after - mean_before) / whole_mean_before

    Each resample uses the same lines of both runs, so the difficulty of a line cancels out.

    Source: Künsch (1989) and Politis and Romano (1992), as for `gradus.evaluation.bootstrap`.
    """
    where = headline.where
    config = replace(config, block=max(1, min(config.block, len(before.tokens) // LEAST_BLOCKS)))
    if headline.measure == "zero_tokens":
        more = (after.zeros[where] - before.zeros[where]).astype(np.float64)
        share = before.zeros[where].mean()  # of the whole text, because a resample may have none
        low, high = mean_interval(more, config, seed=seed)
        return float(low / share), float(high / share)
    difference = after.nats[where] - before.nats[where]
    low, high = ratio_interval(difference, before.tokens.astype(np.float64), config, seed=seed)
    return float(np.expm1(low)), float(np.expm1(high))


def bleu_interval(
    before: NDArray[np.int64], after: NDArray[np.int64], config: BootstrapConfig, *, seed: int
) -> Interval:
    """Return the confidence interval of the change in BLEU, from a paired bootstrap over sentences."""
    return percentile_interval(bleu_differences(before, after, config.resamples, seed=seed), config.confidence)


def bleu_differences(
    before: NDArray[np.int64], after: NDArray[np.int64], resamples: int, *, seed: int
) -> NDArray[np.float64]:
    """Return BLEU after minus BLEU before, one value per resample. A resample uses the same sentences of both runs.

    Args:
        before, after: BLEU statistics, an array with one row of 10 numbers per sentence.
        resamples: number of resamples.
        seed: seed of the random generator. sacreBLEU draws the same sentences with the same seed.
    Source: Koehn (2004), Statistical Significance Tests for Machine Translation Evaluation, as implemented in
        `sacrebleu.significance`.
    """
    require_memory({"resamples": resamples, "sentences": len(before)}, lambda k, n: 8 * k * n)
    draws = np.random.default_rng(seed).choice(len(before), size=(resamples, len(before)), replace=True)
    return np.array([bleu_of(after[rows].sum(axis=0)) - bleu_of(before[rows].sum(axis=0)) for rows in draws])
