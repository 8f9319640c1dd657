"""The grammar of the built-in corpus; it generates finitely many English sentences with German translations."""

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


@dataclass(frozen=True, eq=False)  # hashed by identity, so that `project` can cache its results
class Grammar:
    """Synchronous grammar of sentence pairs; the topic z of a line changes the probabilities of words.

    p(derivation | z) = product of p(rule) over its rules * product of p(word | preterminal, z) over its words

    The probabilities of rules do not depend on the topic.
    """

    start: str
    """Start symbol; it derives a whole line."""
    rules: Mapping[str, tuple[Rule, ...]]
    """Dict from a phrase symbol to its rules, whose probabilities sum to one."""
    words: Mapping[str, tuple[Word, ...]]
    """Dict from a preterminal to its words, whose probabilities sum to one under every topic."""
    order: tuple[str, ...]
    """All symbols that derivations from `start` can contain, children before parents."""
    topics: int
    """K, number of topics."""

    @cached_property
    def stationary(self) -> NDArray[np.float64]:
        """Stationary distribution of the Markov chain of topics: uniform, shape (K,)."""
        return np.full(self.topics, 1.0 / self.topics)


def load_grammar(topics: int) -> Grammar:
    """Load the grammar in `rules.tsv` and `lexicon.tsv`.

    Args:
        topics: K, number of topics.
    Raises:
        InputError: if K is less than 1 or greater than the number of themes in the lexicon.
    """
    folder = files("gradus.corpora.builtin")
    rules, lexicon = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("rules.tsv", "lexicon.tsv"))
    return parse_grammar(rules, lexicon, topics=topics)


def parse_grammar(rules: str, lexicon: str, *, topics: int) -> Grammar:
    """Build a grammar from the text of its two tables.

    Args:
        rules: text in the format that the comments in `rules.tsv` explain.
        lexicon: text in the format that the comments in `lexicon.tsv` explain.
        topics: K, number of topics.
    Raises:
        InputError: if a row is malformed, a symbol is unknown, a symbol can contain itself, or the start symbol has no
            rules.
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
    """Return the right-hand side of a rule in one language."""
    return rule.english if language == "en" else rule.german


def form(word: Word, language: Language) -> str:
    """Return the English or the German form of a word."""
    return word.english if language == "en" else word.german


def _children_first(start: str, rules: Mapping[str, tuple[Rule, ...]]) -> tuple[str, ...]:
    """List all symbols that derivations from `start` can contain, children before parents."""
    graph: dict[str, list[str]] = {}
    waiting = [start]
    while waiting:
        symbol = waiting.pop()
        if symbol not in graph:
            # Sorted, because the order of a set of strings differs between runs of Python.
            graph[symbol] = sorted({child for rule in rules.get(symbol, ()) for child in rule.children})
            waiting.extend(graph[symbol])
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        raise InputError(
            "rules.tsv",
            expected="symbols that do not contain themselves",
            found=cycle,
            remedy="mark a child with a prime (')",
        ) from None
