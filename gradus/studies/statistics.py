"""Confidence intervals and p-values of effects, paired over seeds and over blocks of text."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

CONFIDENCE = 0.95
"""Confidence of all intervals of studies."""

LEAST_SEEDS = 3
"""Minimum number of seeds of a claim about models whose results depend on the seed."""


@dataclass(frozen=True)
class Effect:
    """Estimated effect with its confidence interval."""

    mean: float
    low: float
    high: float
    p_value: float
    """Probability of a mean at least this far from the margin if the true mean were the margin (two-sided)."""


def over_seeds(values: NDArray[np.float64], margin: float) -> Effect:
    """Estimate a mean from one value per seed with Student's t distribution.

    If all n values are equal, for example because every seed diverges, the interval has length zero, and the p-value is
    that of the sign test, 2^(1 - n).

    Args:
        values: one difference per seed, at least two.
        margin: mean under the null hypothesis.
    """
    mean = float(values.mean())
    if np.ptp(values) == 0:
        return Effect(mean, mean, mean, 1.0 if mean == margin else 2.0 ** (1 - len(values)))
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    return _student(mean, error, len(values) - 1, margin)


@dataclass(frozen=True)
class BlockLoss:
    """Loss of a model in every block of a text, with every seed."""

    nats: NDArray[np.float64]
    """Sum of the negative log-probabilities, shape (S, B)."""
    tokens: NDArray[np.int64]
    """Number of tokens, shape (B,)."""

    @property
    def per_token(self) -> float:
        """Loss in nats per token: sum of nats / (S * sum of tokens)."""
        return float(self.nats.sum() / (len(self.nats) * self.tokens.sum()))

    def linearised(self) -> NDArray[np.float64]:
        """Return values, shape (S, B), whose mean is the loss per token and whose variance is its linear approximation.

        z_sb = loss + (nats_sb - loss n_b) B / sum of n
        """
        loss = self.per_token
        return np.asarray(loss + (self.nats - loss * self.tokens) * (len(self.tokens) / self.tokens.sum()))


def over_seeds_and_blocks(worse: BlockLoss, better: BlockLoss, margin: float) -> Effect:
    """Estimate the difference of two losses in nats per token from their values per seed and per block of the text.

    Seeds and blocks are crossed: every seed scores every block. Both are samples, of all seeds and of all texts of this
    kind, so the error of the effect has three parts. With the mean squares of the two-way analysis of variance of the
    differences of the linearised values (see `BlockLoss.linearised`), S seeds and B blocks:

        variance = (MS_seeds + MS_blocks - MS_rest) / (S B)

    A mean square below MS_rest counts as MS_rest. The degrees of freedom are those of Satterthwaite (1946). With one
    seed, which suffices for models that do not depend on the seed, the variance is MS_blocks / B.

    Args:
        worse, better: the losses, of the same shape, with B >= 2.
        margin: effect under the null hypothesis.
    Source: Cornfield and Tukey (1956), Average values of mean squares in factorials; Clark (1973), The
        language-as-fixed-effect fallacy, for texts as a sample.
    """
    effect = worse.per_token - better.per_token
    z = worse.linearised() - better.linearised()  # (S, B)
    n_seeds, n_blocks = z.shape
    blocks, seeds = z.mean(axis=0), z.mean(axis=1)
    ms_blocks = n_seeds * float(blocks.var(ddof=1))
    if n_seeds == 1:
        return _student(effect, math.sqrt(ms_blocks / n_blocks), n_blocks - 1, margin)
    ms_seeds = n_blocks * float(seeds.var(ddof=1))
    rest = z - blocks - seeds[:, None] + z.mean()
    df = {"seeds": n_seeds - 1, "blocks": n_blocks - 1, "rest": (n_seeds - 1) * (n_blocks - 1)}
    ms_rest = float((rest**2).sum()) / df["rest"]
    parts = {"seeds": max(ms_seeds, ms_rest), "blocks": max(ms_blocks, ms_rest), "rest": ms_rest}
    total = parts["seeds"] + parts["blocks"] - parts["rest"]
    spread = sum(parts[name] ** 2 / df[name] for name in df)
    freedom = total**2 / spread if spread else float(df["rest"])
    return _student(effect, math.sqrt(total / (n_seeds * n_blocks)), freedom, margin)


def share_between(groups: NDArray[np.float64], margin: float) -> Effect:
    """Estimate the share of the variance that is between groups: the intraclass correlation ICC(1).

        share = (MS_between - MS_within) / (MS_between + (n - 1) MS_within)

    The interval and the p-value are exact if the values are normal: they come from the F distribution of
    MS_between / MS_within.

    Args:
        groups: values, shape (groups, n); for example one group per corpus, with one value per seed.
        margin: share under the null hypothesis, below 1.
    Source: Shrout and Fleiss (1979), Intraclass correlations: uses in assessing rater reliability.
    """
    k, n = groups.shape
    within = float(groups.var(axis=1, ddof=1).mean())
    between = n * float(groups.mean(axis=1).var(ddof=1))
    ratio = between / within if within else math.inf
    law = stats.f(k - 1, k * (n - 1))
    tail = (1 - CONFIDENCE) / 2
    low, high = (_share(ratio / float(law.ppf(quantile)), n) for quantile in (1 - tail, tail))
    # With a true share of `margin`, MS_between / MS_within is F-distributed, times this factor.
    scaled = ratio / (1 + n * margin / (1 - margin))
    p_value = 2 * min(float(law.sf(scaled)), float(law.cdf(scaled)))
    return Effect(_share(ratio, n), low, high, p_value)


def _share(ratio: float, n: int) -> float:
    return 1.0 if math.isinf(ratio) else (ratio - 1) / (ratio + n - 1)


def _student(mean: float, error: float, freedom: float, margin: float) -> Effect:
    if error == 0:
        return Effect(mean, mean, mean, 1.0 if mean == margin else 0.0)
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * error
    p_value = 2 * float(stats.t.sf(abs(mean - margin) / error, freedom))
    return Effect(mean, mean - half, mean + half, p_value)
