"""Score of one text under one language model."""

from collections.abc import Mapping
from typing import Literal

from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, BitsPerChar, BitsPerToken, Count, Nats, NatsPerToken, Perplexity

Context = Literal["line", "stream"]
"""Context of a token: `line` contains the earlier tokens of this line, `stream` contains all earlier tokens of the
text."""
CONTEXTS: tuple[Context, ...] = ("line", "stream")


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Score:
    """Cross-entropy of one text under one model in one context.

    The context of a token is either `line`, the earlier tokens of the same line, or `stream`, all earlier tokens of the
    text. If the model assigns probability zero to a token, the cross-entropy is infinite; then only `tokens` and
    `zero_tokens` are present.
    """

    tokens: Count
    """Number of scored tokens, including one end-of-sentence token per line."""
    zero_tokens: Count
    """Number of tokens to which the model assigns probability zero."""
    mean_score_nats: NatsPerToken | None = None
    """Mean negative logarithm of the token scores of a model whose scores are not probabilities (stupid back-off). For
    such a model only `tokens`, `zero_tokens` and `mean_score_nats` are present."""
    nats: Nats | None = None
    """Negative natural logarithm of the probability of the whole text."""
    nats_per_token: NatsPerToken | None = None
    """`nats` divided by `tokens`."""
    bits_per_token: BitsPerToken | None = None
    """`nats_per_token` divided by ln 2."""
    perplexity: Perplexity | None = None
    """e to the power of `nats_per_token`. Perplexities of models with different tokenizers are not comparable."""
    bits_per_char: BitsPerChar | None = None
    """`nats` divided by the product of ln 2 and the number of characters in the text, one newline per line included.
    Absent if the text contains unknown tokens, and for translation models."""
    above_floor_nats: Nats | None = None
    """`nats` minus the floor. The floor is the negative log-probability of the text in the same context under the true
    distribution that generated the text. Absent if the true distribution is unknown."""
    above_floor_nats_per_token: NatsPerToken | None = None
    """`above_floor_nats` divided by `tokens`."""
    above_floor_low: NatsPerToken | None = None
    """Lower end of the bootstrap confidence interval of `above_floor_nats_per_token`; only for the test text in the
    context `line`. `evaluate_lm.confidence` in params.yaml sets the confidence level."""
    above_floor_high: NatsPerToken | None = None
    """Upper end of the confidence interval whose lower end is `above_floor_low`."""


Scores = Mapping[Context, Score]
"""Dict from context (`line` or `stream`) to the score of one text in that context."""


def perplexity(score: Score | None) -> float | None:
    """Return the perplexity of a score.

    The perplexity is infinite if a token has probability zero. The result is None if `score` is None, or if the model's
    scores are not probabilities.
    """
    if score is None:
        return None
    # JSON has no infinity, so a result file has no key for an infinite perplexity.
    return float("inf") if score.zero_tokens else score.perplexity


def better_context(scores: Scores) -> Context | None:
    """Return the context (`line` or `stream`) with the lower perplexity; None if no context has a perplexity."""
    values = {context: value for context in CONTEXTS if (value := perplexity(scores.get(context))) is not None}
    return min(values, key=values.__getitem__, default=None)
