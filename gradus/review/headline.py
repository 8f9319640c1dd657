"""Headline metric: the number that is compared between two runs of a model."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gradus.evaluation.cross_entropy import MOST_NATS
from gradus.markdown import literal
from gradus.results.language_model import LanguageModelResult
from gradus.results.score import CONTEXTS, Score, better_context
from gradus.results.translation import TranslationResult
from gradus.review.sides import Result

Measure = Literal["perplexity", "pseudo_perplexity", "zero_tokens", "bleu"]
NAMES: Mapping[Measure, str] = {
    "perplexity": "perplexity",
    "pseudo_perplexity": "e^(mean score)",
    "zero_tokens": "tokens of probability zero",
    "bleu": "BLEU",
}


@dataclass(frozen=True)
class Headline:
    """Headline metric of one model.

    For a language model, the metric is the perplexity. If the perplexity is infinite, the metric is the number of
    tokens of probability zero. If the model's scores are not probabilities, the metric is `e^(mean score)`. The
    metric is measured in two contexts, `line` and `stream`; the context with the lower perplexity counts.

    For a translation model, the metric is BLEU with the headline decoding strategy, which the metrics file names.
    """

    measure: Measure
    where: str
    """Context (`line` or `stream`) of a language model, or decoding strategy of a translation model."""

    @property
    def markdown(self) -> str:
        """Name of the metric as Markdown. The strategy's name comes from a metrics file, so the name is escaped."""
        return f"{NAMES[self.measure]} ({literal(self.where)})"


def headline_of(result: Result) -> Headline | None:
    """Return the headline metric of a result; None if the result has no such metric."""
    if isinstance(result, TranslationResult):
        return Headline("bleu", result.headline_strategy)
    where = better_context(result.test) or next((context for context in CONTEXTS if context in result.test), None)
    if where is None:
        return None
    # Zero tokens first, because they make the perplexity infinite. Without such tokens, the value is 0 and is skipped.
    measures: tuple[Measure, ...] = ("zero_tokens", "perplexity", "pseudo_perplexity")
    headlines = (Headline(measure, where) for measure in measures)
    return next((headline for headline in headlines if value_of(headline, result)), None)


def value_of(headline: Headline, result: Result) -> float | None:
    """Return the value of a headline metric; None if the result lacks it.

    Perplexity is infinite if a token has probability zero.
    """
    if isinstance(result, TranslationResult):
        strategy = result.strategies.get(headline.where)
        return strategy.bleu if strategy else None
    score = score_in(headline.where, result)
    if score is None:
        return None
    if headline.measure == "zero_tokens":
        return float(score.zero_tokens)
    if score.zero_tokens:
        return math.inf
    if headline.measure == "perplexity":
        return score.perplexity
    mean = score.mean_score_nats
    return None if mean is None or mean > MOST_NATS else math.exp(mean)


def score_in(context: str, result: LanguageModelResult) -> Score | None:
    """Return the score of the test text in a context (`line` or `stream`); None if the result has no such score."""
    # A loop, because the keys have the type `Context` and `context` can be any text.
    return next((score for name, score in result.test.items() if name == context), None)
