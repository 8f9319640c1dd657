"""The grammar: a synchronous, finite, depth-indexed probabilistic grammar with topics."""

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
    """Sentences in pairs: a start symbol, rules that build both sides, and words that depend on the topic.

    p(derivation | z) = product of p(rule) over its rules * product of p(word | preterminal, z) over its words:
    the topic z changes the choice of words, never the structure.

    Attributes:
        start: the symbol of a whole line, end included.
        rules: the rules of every phrase symbol; their probabilities sum to one.
        words: the words of every preterminal; their probabilities sum to one under every topic.
        order: all symbols that the start symbol reaches, children before parents (there is no cycle).
        topics: number of topics K.
    """

    start: str
    rules: Mapping[str, tuple[Rule, ...]]
    words: Mapping[str, tuple[Word, ...]]
    order: tuple[str, ...]
    topics: int

    @cached_property
    def stationary(self) -> NDArray[np.float64]:
        """The stationary distribution of the topic chain, shape (K,): uniform."""
        return np.full(self.topics, 1.0 / self.topics)


def load_grammar(topics: int) -> Grammar:
    """Load the packaged grammar (`rules.tsv`, `lexicon.tsv`) with the given number of topics.

    Raises:
        InputError: for fewer topics than 1 or more than the lexicon has themes.
    """
    folder = files("gradus.corpora.builtin")
    rules, lexicon = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("rules.tsv", "lexicon.tsv"))
    return parse_grammar(rules, lexicon, topics=topics)


def parse_grammar(rules: str, lexicon: str, *, topics: int) -> Grammar:
    """Build a grammar from the text of its two tables.

    Args:
        rules: tab-separated text in the form of `rules.tsv`, which explains itself.
        lexicon: tab-separated text in the form of `lexicon.tsv`.
        topics: number of topics K.
    Raises:
        InputError: for a malformed row, an unknown symbol, a cycle of symbols or an unproductive start symbol.
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
    """Pick one side of a rule."""
    return rule.english if language == "en" else rule.german


def form(word: Word, language: Language) -> str:
    """Pick one side of a word pair."""
    return word.english if language == "en" else word.german


def _children_first(start: str, rules: Mapping[str, tuple[Rule, ...]]) -> tuple[str, ...]:
    """Order the symbols that `start` reaches so that children come before parents."""
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
            "rules.tsv", expected="symbols that never reach themselves", found=cycle, remedy="mark the child with '"
        ) from None
