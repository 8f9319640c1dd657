"""Sample consecutive sentence pairs whose topic persists over several lines."""

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
from gradus.corpora.builtin.projection import as_line
from gradus.corpora.builtin.templates import Rule
from gradus.memory import require_memory
from gradus.params import STRICT

LineCount = Annotated[int, Field(ge=1, le=10**9)]

BLOCK = 4096
"""How many random numbers are sampled in one call of NumPy. Sampling one number per call would be slow."""

PAIR_BYTES = 400
"""Lower bound of the bytes per sentence pair in memory; a pair with 87 characters in total needed 412 bytes."""


@config_dataclass(frozen=True, kw_only=True, config=STRICT)
class BuiltinConfig:
    """Section `builtin` of params.yaml: settings of the built-in corpus."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    """Seed of the random numbers."""
    topics: Annotated[int, Field(ge=1, le=1000)]
    """K, number of topics; each theme of the lexicon belongs to one topic."""
    persistence: Annotated[float, Field(ge=0.0, le=1.0)]
    """Probability that a line keeps the topic of the previous line; else the topic is sampled anew."""
    train_lines: LineCount
    """Number of sentence pairs in the training split."""
    valid_lines: LineCount
    """Number of sentence pairs in the validation split."""
    test_lines: LineCount
    """Number of sentence pairs in the test split."""


@dataclass(frozen=True)
class Pair:
    """An English sentence and its German translation, with single spaces between tokens."""

    english: str
    german: str
    topic: int
    """Topic under which the words were sampled."""


def sample_pairs(grammar: Grammar, n_lines: int, *, persistence: float, rng: np.random.Generator) -> list[Pair]:
    """Sample consecutive sentence pairs.

    The topic z_1 is sampled from pi. Each later topic z_t equals z_{t-1} with probability rho; else z_t is sampled
    from pi. Line t is sampled from `P(line | z_t)`.

    No pair is rejected or shortened, because that would change the probabilities of the lines.

    Args:
        grammar: the grammar, with the stationary distribution pi of its topics.
        n_lines: number of pairs.
        persistence: rho, in [0, 1].
        rng: random generator; equal states produce equal pairs.
    Raises:
        InputError: if the pairs do not fit into the free memory.
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
        pairs.append(Pair(as_line(english), as_line(german), topic))
    return pairs


def _uniforms(rng: np.random.Generator) -> Iterator[float]:
    """Yield uniform random numbers in [0, 1)."""
    while True:
        yield from rng.random(BLOCK).tolist()


def _invert(cumulative: Sequence[float], uniform: float) -> int:
    """Return the index that a uniform random number selects from cumulative probabilities."""
    # rounding can leave the last cumulative probability below 1, and so below `uniform`
    return min(bisect(cumulative, uniform), len(cumulative) - 1)


class _Sampler:
    """Sample phrases under one topic."""

    def __init__(self, grammar: Grammar, topic: int, uniforms: Iterator[float]) -> None:
        self._grammar = grammar
        self._topic = topic
        self._uniforms = uniforms
        self._choices: dict[str, tuple[list[float], Sequence[Rule | Word]]] = {}

    def expand(self, symbol: str) -> tuple[list[str], list[str]]:
        """Sample a phrase of this symbol; return its English words and its German words."""
        found = self._choices.get(symbol)
        if found is None:
            found = self._choices[symbol] = self._cumulative(symbol)
        cumulative, choices = found
        choice = choices[0] if len(choices) == 1 else choices[_invert(cumulative, next(self._uniforms))]
        if isinstance(choice, Word):
            return [choice.english], [choice.german]
        # Each child is sampled once for both languages, so that the two sides translate each other.
        children = [self.expand(child) for child in choice.children]
        english: list[str] = []
        for item in choice.english:
            english += [item] if isinstance(item, str) else children[item][0]
        german: list[str] = []
        for item in choice.german:
            german += [item] if isinstance(item, str) else children[item][1]
        return english, german

    def _cumulative(self, symbol: str) -> tuple[list[float], Sequence[Rule | Word]]:
        """Return the words or rules of a symbol, and their cumulative probabilities."""
        words = self._grammar.words.get(symbol)
        if words is not None:
            return list(accumulate(float(word.probabilities[self._topic]) for word in words)), words
        rules = self._grammar.rules[symbol]
        return list(accumulate(rule.probability for rule in rules)), rules
