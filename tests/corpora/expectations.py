"""Exact expectations of a line: the count of each word form, and the number of tokens."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gradus.corpora.builtin.grammar import Grammar, Language, form, side
from gradus.corpora.builtin.projection import capitalised
from gradus.corpora.builtin.templates import Rule

ROUNDING = 1e-12
"""Expected counts below this value are rounding errors; the true count is zero."""


def expected_counts(grammar: Grammar, language: Language) -> dict[str, float]:
    """Compute the expected count of every word form in a line, averaged over topics.

    E[visits to X] = [X is the start] + sum over rules A -> .. X .. of E[visits to A] p(rule)
    E[count of w] = sum over X of E[visits to X] * mean over z of p(w | X, z)
                    + sum over rules A -> .. w .. of E[visits to A] p(rule)

    A word at the start of a line counts as its capitalised form.

    Returns:
        Expected count per line of every form, spelled as in the corpus. The sum is the mean length of a line.
    """
    visits = dict.fromkeys(grammar.order, 0.0)
    visits[grammar.start] = 1.0
    counts: defaultdict[str, float] = defaultdict(float)
    for symbol in reversed(grammar.order):
        for word in grammar.words.get(symbol, ()):
            counts[form(word, language)] += visits[symbol] * float(word.probabilities @ grammar.stationary)
        for rule in grammar.rules.get(symbol, ()):
            expected = visits[symbol] * rule.probability
            for child in rule.children:
                visits[child] += expected
            for item in side(rule, language):
                if isinstance(item, str):
                    counts[item] += expected
    for first, probability in first_word_probabilities(grammar, language).items():
        counts[first] -= probability
        counts[capitalised(first)] += probability
    return {text: count for text, count in counts.items() if count > ROUNDING}


def first_word_probabilities(grammar: Grammar, language: Language) -> dict[str, float]:
    """Compute, for every word, the probability that a line begins with it, averaged over topics."""
    first: dict[str, dict[str, float]] = {}
    for symbol in grammar.order:
        sums: defaultdict[str, float] = defaultdict(float)
        for word in grammar.words.get(symbol, ()):
            sums[form(word, language)] += float(word.probabilities @ grammar.stationary)
        for rule in grammar.rules.get(symbol, ()):
            item = side(rule, language)[0]
            begins = {item: 1.0} if isinstance(item, str) else first[rule.children[item]]
            for text, probability in begins.items():
                sums[text] += rule.probability * probability
        first[symbol] = dict(sums)
    return first[grammar.start]


def length_probabilities(grammar: Grammar, language: Language, *, longest: int) -> NDArray[np.float64]:
    """Compute the probability that a line has n tokens, for n from 0 to `longest`.

    P(A has n) = sum over rules A -> X1 .. Xm of p(rule) * the convolution of P(X1 has .), ..., P(Xm has .)

    Returns:
        float64, shape (longest + 1,). The sum is 1 minus the probability of longer lines.
    """
    one: NDArray[np.float64] = np.eye(1, longest + 1, 1)[0]  # a word is one token
    lengths: dict[str, NDArray[np.float64]] = dict.fromkeys(grammar.words, one)
    for symbol in grammar.order:
        for rule in grammar.rules.get(symbol, ()):
            term = rule.probability * _rule_lengths(rule, language, lengths, longest)
            lengths[symbol] = lengths[symbol] + term if symbol in lengths else term
    return lengths[grammar.start]


def _rule_lengths(
    rule: Rule, language: Language, lengths: Mapping[str, NDArray[np.float64]], longest: int
) -> NDArray[np.float64]:
    own = sum(isinstance(item, str) for item in side(rule, language))
    total: NDArray[np.float64] = np.eye(1, longest + 1, own)[0]
    for child in rule.children:
        total = np.convolve(total, lengths[child])[: longest + 1]
    return total
