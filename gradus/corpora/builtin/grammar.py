"""The grammar: synchronous, probabilistic and finite, with topics."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gradus.corpora.builtin.lexicon import Word, read_lexicon
from gradus.corpora.builtin.tables import read_table
from gradus.corpora.builtin.templates import Rule, Side, expand_rules
from gradus.errors import InputError

Language = Literal["en", "de"]


@dataclass(frozen=True, eq=False)
class Grammar:
    """Synchronous grammar: its rules derive sentence pairs, and its word probabilities depend on the topic z.

    p(derivation | z) = product of p(rule) over its rules * product of p(word | preterminal, z) over its words

    The topic changes the choice of words, never the structure.
    """

    start: str
    """Symbol of a whole line."""
    rules: Mapping[str, tuple[Rule, ...]]
    """Rules of every phrase symbol; their probabilities sum to one."""
    words: Mapping[str, tuple[Word, ...]]
    """Words of every preterminal; their probabilities sum to one under every topic."""
    order: tuple[str, ...]
    """All symbols that the start symbol reaches, children before parents; there is no cycle."""
    topics: int
    """K, number of topics."""

    @cached_property
    def stationary(self) -> NDArray[np.float64]:
        """Stationary distribution of the topic chain, uniform, shape (K,)."""
        return np.full(self.topics, 1.0 / self.topics)


def load_grammar(topics: int) -> Grammar:
    """Load the packaged grammar (`rules.tsv`, `lexicon.tsv`) with K topics.

    Raises:
        InputError: if K is below 1, or above the number of themes in the lexicon.
    """
    folder = files("gradus.corpora.builtin")
    rules, lexicon = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("rules.tsv", "lexicon.tsv"))
    return parse_grammar(rules, lexicon, topics=topics)


def parse_grammar(rules: str, lexicon: str, *, topics: int) -> Grammar:
    """Build a grammar from the text of its two tables.

    Args:
        rules: tab-separated text; `rules.tsv` explains its format.
        lexicon: tab-separated text; `lexicon.tsv` explains its format.
        topics: K, number of topics.
    Raises:
        InputError: for a malformed row, an unknown symbol, a cycle of symbols, or a start symbol without rules.
    """
    words = read_lexicon(read_table(lexicon, name="lexicon.tsv", columns=6), topics=topics)
    start, expanded = expand_rules(read_table(rules, name="rules.tsv", columns=4), frozenset(words))
    if start not in expanded:
        raise InputError("rules.tsv", expected="rules for the start symbol", found="none", remedy="correct %start")
    order = _children_first(start, expanded)
    reached = frozenset(order)
    return Grammar(
        start=start,
        rules={symbol: rules for symbol, rules in expanded.items() if symbol in reached},
        words={symbol: entries for symbol, entries in words.items() if symbol in reached},
        order=order,
        topics=topics,
    )


def side(rule: Rule, language: Language) -> Side:
    """Return the side of a rule in one language."""
    return rule.english if language == "en" else rule.german


def form(word: Word, language: Language) -> str:
    """Return the form of a word pair in one language."""
    return word.english if language == "en" else word.german


def _children_first(start: str, rules: Mapping[str, tuple[Rule, ...]]) -> tuple[str, ...]:
    """List the symbols that `start` reaches, children before parents."""
    graph: dict[str, list[str]] = {}
    waiting = [start]
    while waiting:
        symbol = waiting.pop()
        if symbol not in graph:
            graph[symbol] = sorted({child for rule in rules.get(symbol, ()) for child in rule.children})
            waiting.extend(graph[symbol])
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        raise InputError(
            "rules.tsv",
            expected="symbols without a cycle",
            found=cycle,
            remedy="mark a child with a prime (')",
        ) from None
