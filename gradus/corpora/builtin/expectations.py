"""What is expected of a line, exactly: how often every word form, and how many tokens."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gradus.corpora.builtin.grammar import Grammar, Language, form, side
from gradus.corpora.builtin.projection import capitalised
from gradus.corpora.builtin.templates import Rule

ROUNDING = 1e-12
"""Expected counts below it are what rounding leaves of zero."""


def expected_counts(grammar: Grammar, language: Language) -> dict[str, float]:
    """Compute the expected number of every word form in a line, over lines and stationary topics.

    E[visits to X] = [X is the start] + sum over rules A -> .. X .. of E[visits to A] p(rule)
    E[count of w] = sum over X of E[visits to X] * mean over z of p(w | X, z), plus the rules' own words;
    what is expected at the beginning of a line counts for the capitalised form.

    Returns:
        Expected occurrences per line of every form as it stands in the corpus; their sum is the mean length.
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
    """Compute the probability of every word to begin a line, over stationary topics."""
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
    """Compute the probability that a line has n tokens, for every n up to `longest`.

    P(A has n) = sum over rules A -> X1 .. Xm of p(rule) * the convolution of P(X1 has .), ..., P(Xm has .)

    Returns:
        float64, shape (longest + 1,); what is missing to one is the probability of longer lines.
    """
    one: NDArray[np.float64] = np.eye(1, longest + 1, 1)[0]  # certainly one token
    lengths: dict[str, NDArray[np.float64]] = dict.fromkeys(grammar.words, one)
    for symbol in grammar.order:
        for rule in grammar.rules.get(symbol, ()):
            term = rule.probability * _length_of(rule, language, lengths, longest)
            lengths[symbol] = lengths[symbol] + term if symbol in lengths else term
    return lengths[grammar.start]


def _length_of(
    rule: Rule, language: Language, lengths: Mapping[str, NDArray[np.float64]], longest: int
) -> NDArray[np.float64]:
    own = sum(isinstance(item, str) for item in side(rule, language))
    total: NDArray[np.float64] = np.eye(1, longest + 1, own)[0]
    for child in rule.children:
        total = np.convolve(total, lengths[child])[: longest + 1]
    return total
