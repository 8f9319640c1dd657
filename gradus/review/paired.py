"""Confidence interval of the difference between two runs of one model, from scores of the same lines."""

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
"""Least number of blocks in a resample; with one block as long as the text, every resample would be the text."""


def line_interval(
    headline: Headline, before: LineScores, after: LineScores, config: BootstrapConfig, *, seed: int
) -> Interval:
    """Return the interval of a language model's relative change by a paired circular block bootstrap over lines.

    perplexity: e^(sum of (after - before) / sum of tokens) - 1, with the nats of the drawn lines
    tokens of probability zero: sum of (after - before) / tokens of probability zero in the whole text before

    Every resample draws the same blocks of both sides, so the difficulty of a line cancels out.

    Source: Künsch (1989) and Politis and Romano (1992), as `gradus.evaluation.bootstrap`.
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
    """Return the interval of the change in BLEU by paired bootstrap resampling of sentences."""
    return percentile_interval(bleu_differences(before, after, config.resamples, seed=seed), config.confidence)


def bleu_differences(
    before: NDArray[np.int64], after: NDArray[np.int64], resamples: int, *, seed: int
) -> NDArray[np.float64]:
    """Return BLEU after minus BLEU before for resamples that draw the same sentences of both sides.

    Args:
        before, after: BLEU statistics of every sentence, (n, 10).
        resamples: number of resamples.
        seed: of the random generator; the draws are those of sacreBLEU with this seed.
    Source: Koehn (2004), Statistical Significance Tests for Machine Translation Evaluation. The draws are those of
        `sacrebleu.significance`, so the same p-value follows from them.
    """
    require_memory({"resamples": resamples, "sentences": len(before)}, lambda k, n: 8 * k * n)
    draws = np.random.default_rng(seed).choice(len(before), size=(resamples, len(before)), replace=True)
    return np.array([bleu_of(after[rows].sum(axis=0)) - bleu_of(before[rows].sum(axis=0)) for rows in draws])
