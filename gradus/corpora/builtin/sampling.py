"""Sample sentence pairs, line after line, from a topic that comes and goes."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass as config_dataclass

from gradus.corpora.builtin.grammar import Grammar
from gradus.corpora.builtin.projection import capitalised
from gradus.params import STRICT

Lines = Annotated[int, Field(ge=1)]


@config_dataclass(frozen=True, kw_only=True, config=STRICT)
class BuiltinConfig:
    """Section `builtin` of the parameters: what the built-in corpus is sampled with.

    Attributes:
        topics: number of topics K; the lexicon's themes are dealt out to them.
        persistence: probability with which a line keeps the topic of the line before; otherwise it is drawn anew.
        train_lines: sentence pairs of the training split.
        valid_lines: sentence pairs of the validation split.
        test_lines: sentence pairs of the test split.
    """

    topics: Annotated[int, Field(ge=1)]
    persistence: Annotated[float, Field(ge=0.0, le=1.0)]
    train_lines: Lines
    valid_lines: Lines
    test_lines: Lines


@dataclass(frozen=True)
class Pair:
    """A sentence in both languages, tokens between single spaces, and the topic that it was drawn from."""

    english: str
    german: str
    topic: int


def sample_pairs(
    grammar: Grammar, n_lines: int, *, persistence: float, rng: np.random.Generator
) -> list[Pair]:
    """Sample consecutive lines; nothing is rejected, cut or dropped, so that the exact probabilities hold.

    z_1 ~ pi; z_t = z_{t-1} with probability rho, otherwise z_t ~ pi; line t ~ P(. | z_t)

    Args:
        grammar: the grammar, with its topics and their stationary distribution pi.
        n_lines: number of pairs.
        persistence: rho, in [0, 1].
        rng: the source of randomness; the same state gives the same pairs.
    """
    samplers = [_Sampler(grammar, topic, rng) for topic in range(grammar.topics)]
    cumulative = list(accumulate(grammar.stationary.tolist()))
    pairs = []
    topic = -1
    for _ in range(n_lines):
        if topic < 0 or rng.random() >= persistence:
            topic = _draw(cumulative, rng)
        english, german = samplers[topic].sentence()
        pairs.append(Pair(english, german, topic))
    return pairs


class _Sampler:
    """Expand symbols under one topic."""

    def __init__(self, grammar: Grammar, topic: int, rng: np.random.Generator) -> None:
        self._grammar = grammar
        self._topic = topic
        self._rng = rng
        self._cumulative: dict[str, list[float]] = {}

    def sentence(self) -> tuple[str, str]:
        english, german = self._expand(self._grammar.start)
        return " ".join([capitalised(english[0]), *english[1:]]), " ".join([capitalised(german[0]), *german[1:]])

    def _expand(self, symbol: str) -> tuple[list[str], list[str]]:
        choice = _draw(self._distribution(symbol), self._rng)
        words = self._grammar.words.get(symbol)
        if words is not None:
            return [words[choice].english], [words[choice].german]
        rule = self._grammar.rules[symbol][choice]
        children = [self._expand(child) for child in rule.children]
        english = [part for item in rule.english for part in ([item] if isinstance(item, str) else children[item][0])]
        german = [part for item in rule.german for part in ([item] if isinstance(item, str) else children[item][1])]
        return english, german

    def _distribution(self, symbol: str) -> Sequence[float]:
        cumulative = self._cumulative.get(symbol)
        if cumulative is None:
            words = self._grammar.words.get(symbol)
            if words is None:
                probabilities = [rule.probability for rule in self._grammar.rules[symbol]]
            else:
                probabilities = [float(word.probabilities[self._topic]) for word in words]
            cumulative = self._cumulative[symbol] = list(accumulate(probabilities))
        return cumulative


def _draw(cumulative: Sequence[float], rng: np.random.Generator) -> int:
    """Draw an index by inversion; the last one takes what rounding leaves over."""
    return min(bisect(cumulative, rng.random()), len(cumulative) - 1)
