"""The one number by which a model is judged, and which one it is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gradus.evaluation.cross_entropy import MOST_NATS
from gradus.markdown import literal
from gradus.reporting.results import CONTEXTS, better_context, get, headline_strategy
from gradus.review.sides import Metrics, Model

Measure = Literal["perplexity", "pseudo_perplexity", "zero_tokens", "bleu"]
NAMES: Mapping[Measure, str] = {
    "perplexity": "perplexity",
    "pseudo_perplexity": "e^(mean score)",
    "zero_tokens": "tokens of probability zero",
    "bleu": "BLEU",
}


@dataclass(frozen=True)
class Headline:
    """The number by which a model is compared.

    Perplexity in the better context, or BLEU by the headline strategy. Scores that are no probabilities have
    e^(mean score) instead, and a model whose perplexity is infinite has its tokens of probability zero.
    """

    measure: Measure
    where: str
    """The context or the strategy."""

    @property
    def markdown(self) -> str:
        """Its name for a reader; a strategy's comes from a file of metrics."""
        return f"{NAMES[self.measure]} ({literal(self.where)})"


def headline_of(model: Model, metrics: Metrics) -> Headline | None:
    """Return what is compared of a model with such metrics; None if there is nothing."""
    if model.track == "mt":
        strategies = metrics.get("strategies")
        known = headline_strategy(metrics) if isinstance(strategies, Mapping) and strategies else ""
        found = Headline("bleu", known)
        return found if known and value_of(found, metrics) is not None else None
    cards = _cards(metrics)
    where = better_context(cards) or next(iter(cards), "")
    measures: tuple[Measure, ...] = ("zero_tokens", "perplexity", "pseudo_perplexity")
    return next((h for measure in measures if value_of(h := Headline(measure, where), metrics)), None)


def value_of(headline: Headline, metrics: Metrics) -> float | None:
    """Return a model's value; infinite for the perplexity of a model that gives a token probability zero."""
    if headline.measure == "bleu":
        return _number(get(metrics, f"strategies.{headline.where}.bleu"))
    card = _cards(metrics).get(headline.where, {})
    if headline.measure == "zero_tokens":
        return card.get("zero_tokens")
    if card.get("zero_tokens"):
        return math.inf
    if headline.measure == "perplexity":
        return card.get("perplexity")
    mean = card.get("mean_score_nats")
    return None if mean is None or mean > MOST_NATS else math.exp(mean)


def _cards(metrics: Metrics) -> dict[str, dict[str, float]]:
    """Return the numbers of the test text by context."""
    cards = {context: get(metrics, f"test.{context}") for context in CONTEXTS}
    return {
        context: {key: number for key, value in card.items() if (number := _number(value)) is not None}
        for context, card in cards.items()
        if isinstance(card, Mapping)
    }


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
