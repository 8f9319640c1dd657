"""Project the grammar onto one language: merge equal symbols, and store rules as prefix trees."""

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
"""A probability: a float if it is equal under all topics, else an array with one value per topic, shape (K,)."""

Item = str | int
"""A word, or the number of a symbol. Equal symbols are merged and have one number."""

Expansions = Mapping[tuple[Item, ...], float] | Mapping[str, Value]
"""For a phrase symbol: dict from right-hand side to probability. For a preterminal: dict from word to probability."""

DIGITS = 12
"""Probabilities are compared after rounding to this many decimals, because they contain rounding errors."""


@dataclass(slots=True)
class Node:
    """Node of a prefix tree; a path from the root spells the right-hand side of a rule."""

    probability: float = 0.0
    """Probability of the rule that ends at this node; 0 if no rule ends here."""
    words: dict[str, "Node"] = field(default_factory=dict)
    """Dict from a word to the next node."""
    symbols: dict[int, "Node"] = field(default_factory=dict)
    """Dict from a symbol to the next node."""
    viable: dict[str, list[tuple[int, "Node"]]] = field(default_factory=dict)
    """Dict from a word to the pairs (symbol, next node) whose symbol can begin with this word."""


@dataclass(frozen=True, eq=False)
class Projection:
    """The grammar of one language. Symbols are numbers, which index `trees` and `words`."""

    start: int
    """Number of the start symbol."""
    trees: tuple[Node, ...]
    """Prefix tree of every symbol; the tree of a preterminal is empty."""
    words: tuple[Mapping[str, Value], ...]
    """For every symbol a dict from word to p(word | symbol, z); the dict of a phrase symbol is empty."""
    vocabulary: frozenset[str]
    """All words as they are spelled inside a line; the first word of a line gets a capital letter."""
    initial: Mapping[str, str]
    """Dict from the capitalised first word of a line to the spelling of this word inside a line."""
    topics: int
    """K, number of topics."""


@lru_cache(maxsize=8)  # `line_nats` projects the same grammar again for every line
def project(grammar: Grammar, language: Language) -> Projection:
    """Project a synchronous grammar onto one language.

    Symbols that generate the same strings with the same probabilities are merged, children first. In English, for
    example, symbols that differ only in German case are merged. If two rules of a symbol become equal, their
    probabilities are added.

    Raises:
        InputError: if two words that can begin a line differ only in the capital letter.
    """
    number: dict[str, int] = {}
    classes: dict[Hashable, int] = {}
    contents: list[Expansions] = []
    for symbol in grammar.order:
        if symbol in grammar.words:
            content: Expansions = _word_values(grammar.words[symbol], language)
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
    # one float is faster to multiply than K equal values
    return {text: float(total[0]) if np.ptp(total) == 0 else total for text, total in sums.items()}


def _right_hand_sides(
    rules: Sequence[Rule], language: Language, number: Mapping[str, int]
) -> dict[tuple[Item, ...], float]:
    sums: defaultdict[tuple[Item, ...], float] = defaultdict(float)
    for rule in rules:
        key = tuple(item if isinstance(item, str) else number[rule.children[item]] for item in side(rule, language))
        sums[key] += rule.probability
    return dict(sums)


def _assemble(contents: Sequence[Expansions], start: int, topics: int) -> Projection:
    trees, words = [], []
    first: list[frozenset[str]] = []
    vocabulary: set[str] = set()
    for content in contents:
        tree, lexicon = Node(), {}
        for key, value in content.items():
            if isinstance(key, str):  # a word; the key of a right-hand side is a tuple
                lexicon[key] = value
                vocabulary.add(key)
            else:
                _insert(tree, key, float(value))
                vocabulary.update(item for item in key if isinstance(item, str))
        _index(tree, first)  # `first` has all children of this symbol, because children come before parents
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
    """Fill the field `viable` of a node and of all nodes below it."""
    for symbol, child in node.symbols.items():
        for word in first[symbol]:
            node.viable.setdefault(word, []).append((symbol, child))
    for child in (*node.words.values(), *node.symbols.values()):
        _index(child, first)


def _initial(first: frozenset[str]) -> dict[str, str]:
    """Return a dict from each capitalised first word to the spelling of this word inside a line."""
    words = {capitalised(word): word for word in first}
    if len(words) < len(first):
        clash = sorted(word for word in first if words[capitalised(word)] != word)
        raise InputError(
            "lexicon.tsv",
            expected="words that are still different if both have a capital letter",
            found=", ".join(clash),
            remedy="change one of the words",
        )
    return words


def capitalised(word: str) -> str:
    """Capitalise the first letter of a word."""
    return word[:1].upper() + word[1:]


def as_line(words: Sequence[str]) -> str:
    """Join words with spaces, and capitalise the first word as in the corpus."""
    return " ".join([capitalised(words[0]), *words[1:]])


def restore_case(projection: Projection, tokens: Sequence[str]) -> list[str] | None:
    """Undo the capital letter of the first token, and return all tokens; return None if the grammar lacks a token."""
    if not tokens or tokens[0] not in projection.initial or not projection.vocabulary.issuperset(tokens[1:]):
        return None
    return [projection.initial[tokens[0]], *tokens[1:]]
