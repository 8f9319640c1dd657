"""How often every word form is expected per line, exactly."""

from collections import defaultdict

from gradus.corpora.builtin.grammar import Grammar, Language, form, side
from gradus.corpora.builtin.projection import capitalised


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
    for word, probability in first_word_probabilities(grammar, language).items():
        counts[word] -= probability
        counts[capitalised(word)] += probability
    return {word: count for word, count in counts.items() if count > 1e-12}


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
