"""Sample sentence pairs, line after line, from a topic that comes and goes."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass as config_dataclass

from gradus.corpora.builtin.grammar import Grammar
from gradus.corpora.builtin.lexicon import Word
from gradus.corpora.builtin.projection import capitalised
from gradus.corpora.builtin.templates import Rule
from gradus.memory import require_memory
from gradus.params import STRICT

Lines = Annotated[int, Field(ge=1, le=10**9)]

BLOCK = 4096
"""Uniform numbers drawn at once."""

PAIR_BYTES = 400
"""What a pair takes in memory: 412 measured, of two sentences of 87 characters."""


@config_dataclass(frozen=True, kw_only=True, config=STRICT)
class BuiltinConfig:
    """Section `builtin` of the parameters: what the built-in corpus is sampled with.

    Attributes:
        seed: of the draws.
        topics: number of topics K; the lexicon's themes are dealt out to them.
        persistence: probability with which a line keeps the topic of the line before; otherwise it is drawn anew.
        train_lines: sentence pairs of the training split.
        valid_lines: sentence pairs of the validation split.
        test_lines: sentence pairs of the test split.
    """

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    topics: Annotated[int, Field(ge=1, le=1000)]
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


def sample_pairs(grammar: Grammar, n_lines: int, *, persistence: float, rng: np.random.Generator) -> list[Pair]:
    """Sample consecutive lines; nothing is rejected, cut or dropped, so that the exact probabilities hold.

    z_1 ~ pi; z_t = z_{t-1} with probability rho, otherwise z_t ~ pi; line t ~ P(. | z_t)

    Args:
        grammar: the grammar, with its topics and their stationary distribution pi.
        n_lines: number of pairs.
        persistence: rho, in [0, 1].
        rng: the source of randomness, drawn from in blocks; the same state gives the same pairs.
    Raises:
        InputError: if so many lines do not fit into memory.
    """
    require_memory({"lines of a split": n_lines}, lambda lines: PAIR_BYTES * lines)
    uniforms = _uniforms(rng)
    stationary = list(accumulate(grammar.stationary.tolist()))
    samplers = [_Sampler(grammar, topic, uniforms) for topic in range(grammar.topics)]
    pairs = []
    topic = None
    for _ in range(n_lines):
        if topic is None or next(uniforms) >= persistence:
            topic = _invert(stationary, next(uniforms))
        english, german = samplers[topic].expand(grammar.start)
        pairs.append(Pair(_as_line(english), _as_line(german), topic))
    return pairs


def _as_line(words: list[str]) -> str:
    return " ".join([capitalised(words[0]), *words[1:]])


def _uniforms(rng: np.random.Generator) -> Iterator[float]:
    """Yield uniform numbers in [0, 1); one call of NumPy for each is slower than the rest of the sampling."""
    while True:
        yield from rng.random(BLOCK).tolist()


def _invert(cumulative: Sequence[float], uniform: float) -> int:
    """Draw an index by inversion; the last one takes what rounding leaves over."""
    return min(bisect(cumulative, uniform), len(cumulative) - 1)


class _Sampler:
    """Expand symbols under one topic."""

    def __init__(self, grammar: Grammar, topic: int, uniforms: Iterator[float]) -> None:
        self._grammar = grammar
        self._topic = topic
        self._uniforms = uniforms
        self._choices: dict[str, tuple[list[float], Sequence[Rule | Word]]] = {}

    def expand(self, symbol: str) -> tuple[list[str], list[str]]:
        """Sample the English and the German words of a symbol."""
        found = self._choices.get(symbol)
        if found is None:
            found = self._choices[symbol] = self._prepare(symbol)
        cumulative, choices = found
        choice = choices[0] if len(choices) == 1 else choices[_invert(cumulative, next(self._uniforms))]
        if isinstance(choice, Word):
            return [choice.english], [choice.german]
        children = [self.expand(child) for child in choice.children]
        english: list[str] = []
        for item in choice.english:
            english += [item] if isinstance(item, str) else children[item][0]
        german: list[str] = []
        for item in choice.german:
            german += [item] if isinstance(item, str) else children[item][1]
        return english, german

    def _prepare(self, symbol: str) -> tuple[list[float], Sequence[Rule | Word]]:
        words = self._grammar.words.get(symbol)
        if words is not None:
            return list(accumulate(float(word.probabilities[self._topic]) for word in words)), words
        rules = self._grammar.rules[symbol]
        return list(accumulate(rule.probability for rule in rules)), rules
