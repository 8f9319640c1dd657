"""One language of the grammar, ready for parsing: equal symbols merged, the rules of each as a prefix tree."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gradus.corpora.builtin.grammar import Grammar, Language, form, side
from gradus.corpora.builtin.lexicon import Word
from gradus.corpora.builtin.templates import Rule
from gradus.errors import InputError

Value = float | NDArray[np.float64]
"""A probability: one number where all topics agree, otherwise shape (K,)."""

Item = str | int
"""A word, or the number of a merged symbol."""

DIGITS = 12
"""Decimals to which two probabilities must agree for their rules to count as the same."""


@dataclass(slots=True)
class Node:
    """A node of a prefix tree of right-hand sides; `probability` is that of the rule that ends here."""

    probability: float = 0.0
    words: dict[str, "Node"] = field(default_factory=dict)
    symbols: dict[int, "Node"] = field(default_factory=dict)
    viable: dict[str, list[tuple[int, "Node"]]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Projection:
    """The grammar of one language.

    Attributes:
        start: number of the start symbol.
        trees: the prefix tree of every phrase symbol; empty for preterminals.
        words: p(word | symbol, z) of every preterminal; empty for phrase symbols.
        vocabulary: all words, in the case in which they stand inside a line.
        initial: for every first token of a line, capitalised, the word that it stands for.
        topics: number of topics K.
    """

    start: int
    trees: tuple[Node, ...]
    words: tuple[Mapping[str, Value], ...]
    vocabulary: frozenset[str]
    initial: Mapping[str, str]
    topics: int


@lru_cache(maxsize=8)
def project(grammar: Grammar, language: Language) -> Projection:
    """Project a synchronous grammar on one language.

    Symbols that generate the same strings with the same probabilities, such as the German cases seen from English,
    are merged, children first; where two rules of a symbol become the same, their probabilities add up.

    Raises:
        InputError: if a rule is empty on this side, or two first words differ only in their first letter's case.
    """
    number: dict[str, int] = {}
    classes: dict[Hashable, int] = {}
    contents: list[Mapping[tuple[Item, ...], float] | Mapping[str, Value]] = []
    for symbol in grammar.order:
        if symbol in grammar.words:
            content: Mapping[tuple[Item, ...], float] | Mapping[str, Value] = _word_values(
                grammar.words[symbol], language
            )
        else:
            content = _right_hand_sides(grammar.rules[symbol], language, number)
        signature = frozenset((key, _rounded(value)) for key, value in content.items())
        number[symbol] = classes.setdefault(signature, len(contents))
        if number[symbol] == len(contents):
            contents.append(content)
    return _assemble(contents, number[grammar.start], grammar.topics)


def _rounded(value: Value) -> Hashable:
    return round(value, DIGITS) if isinstance(value, float) else tuple(value.round(DIGITS).tolist())


def _word_values(words: Sequence[Word], language: Language) -> dict[str, Value]:
    sums: dict[str, NDArray[np.float64]] = {}
    for word in words:
        text = form(word, language)
        sums[text] = sums.get(text, 0.0) + word.probabilities
    return {text: float(total[0]) if np.ptp(total) == 0 else total for text, total in sums.items()}


def _right_hand_sides(
    rules: Sequence[Rule], language: Language, number: Mapping[str, int]
) -> dict[tuple[Item, ...], float]:
    sums: defaultdict[tuple[Item, ...], float] = defaultdict(float)
    for rule in rules:
        key = tuple(item if isinstance(item, str) else number[rule.children[item]] for item in side(rule, language))
        sums[key] += rule.probability
    return dict(sums)


def _assemble(
    contents: Sequence[Mapping[tuple[Item, ...], float] | Mapping[str, Value]], start: int, topics: int
) -> Projection:
    trees, words = [], []
    first: list[frozenset[str]] = []
    vocabulary: set[str] = set()
    for content in contents:
        tree, lexicon = Node(), {}
        for key, value in content.items():
            if isinstance(key, str):
                lexicon[key] = value
                vocabulary.add(key)
            else:
                _insert(tree, key, float(value))
                vocabulary.update(item for item in key if isinstance(item, str))
        _index(tree, first)
        first.append(frozenset(lexicon) | tree.words.keys() | tree.viable.keys())
        trees.append(tree)
        words.append(lexicon)
    return Projection(start, tuple(trees), tuple(words), frozenset(vocabulary), _initial(first[start]), topics)


def _insert(tree: Node, items: tuple[Item, ...], probability: float) -> None:
    node = tree
    for item in items:
        node = node.words.setdefault(item, Node()) if isinstance(item, str) else node.symbols.setdefault(item, Node())
    node.probability += probability


def _index(node: Node, first: Sequence[frozenset[str]]) -> None:
    """List, for every word, the symbols that may begin with it at this node and below."""
    for symbol, child in node.symbols.items():
        for word in first[symbol]:
            node.viable.setdefault(word, []).append((symbol, child))
    for child in (*node.words.values(), *node.symbols.values()):
        _index(child, first)


def _initial(first: frozenset[str]) -> dict[str, str]:
    """Map every capitalised first word back to the word."""
    words = {capitalised(word): word for word in first}
    if len(words) < len(first):
        clash = sorted(word for word in first if words[capitalised(word)] != word)
        raise InputError(
            "lexicon.tsv",
            expected="first words of a line that differ in more than the case of a letter",
            found=", ".join(clash),
            remedy="change one of the words",
        )
    return words


def capitalised(word: str) -> str:
    """Write a word as the first of its line: its first letter becomes a capital."""
    return word[:1].upper() + word[1:]
