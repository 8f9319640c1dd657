"""Score of one text by one language model."""

from collections.abc import Mapping
from typing import Literal

from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, BitsPerChar, BitsPerToken, Count, Nats, NatsPerToken, Perplexity

Context = Literal["line", "stream"]
"""Text before a token that the model reads: its own line, or the whole text so far."""
CONTEXTS: tuple[Context, ...] = ("line", "stream")


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Score:
    """Cross-entropy of one text under one model, in one context.

    If some token has probability zero, the cross-entropy is infinite, so the file has only the two counts.
    """

    tokens: Count
    """Scored tokens, one end of sentence per line included."""
    zero_tokens: Count
    """Tokens of probability zero."""
    mean_score_nats: NatsPerToken | None = None
    """Mean negative log score, for models whose scores are not probabilities; such a model has no other key below."""
    nats: Nats | None = None
    """Negative log-probability of the text."""
    nats_per_token: NatsPerToken | None = None
    """`nats` divided by `tokens`."""
    bits_per_token: BitsPerToken | None = None
    """`nats_per_token` divided by ln 2."""
    perplexity: Perplexity | None = None
    """e to the power of `nats_per_token`; compare it only between models with the same tokenizer."""
    bits_per_char: BitsPerChar | None = None
    """Bits divided by the characters of the text; absent if the text contains unknown words."""
    above_floor_nats: Nats | None = None
    """`nats` minus the entropy of the text's source; absent if that entropy is unknown."""
    above_floor_nats_per_token: NatsPerToken | None = None
    """`above_floor_nats` divided by `tokens`."""
    above_floor_low: NatsPerToken | None = None
    """Lower end of the bootstrap interval of `above_floor_nats_per_token`."""
    above_floor_high: NatsPerToken | None = None
    """Upper end of the bootstrap interval of `above_floor_nats_per_token`."""


Scores = Mapping[Context, Score]
"""Scores of one text, by context."""


def perplexity(score: Score | None) -> float | None:
    """Return the perplexity of a score: infinite if a token has probability zero, None if there is none."""
    if score is None:
        return None
    return float("inf") if score.zero_tokens else score.perplexity


def better_context(scores: Scores) -> Context | None:
    """Return the context with the lower perplexity, None if no context has a perplexity."""
    values = {context: value for context in CONTEXTS if (value := perplexity(scores.get(context))) is not None}
    return min(values, key=values.__getitem__, default=None)
