"""German translations of an English line by the grammar."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from gradus.corpora.builtin.grammar import Grammar
from gradus.corpora.builtin.projection import as_line, project, restore_case
from gradus.corpora.builtin.templates import Rule

Phrases = frozenset[tuple[str, ...]]
"""German phrases, each a tuple of words."""


def targets(grammar: Grammar, tokens: Sequence[str]) -> frozenset[str]:
    """Collect the German sides of all derivations of an English line.

    Args:
        grammar: the synchronous grammar.
        tokens: tokens of an English line, the first one capitalised.
    Returns:
        German lines, as in the corpus; empty if the tokens are not a sentence. The packaged grammar gives every
        sentence exactly one, so that a perfect translation model reaches BLEU 100.
    """
    restored = restore_case(project(grammar, "en"), tokens)
    if restored is None:
        return frozenset()
    phrases = _Translation(grammar, restored).spans(grammar.start, 0).get(len(restored), frozenset())
    return frozenset(map(as_line, phrases))


class _Translation:
    """Chart of an English line that holds German phrases instead of probabilities."""

    def __init__(self, grammar: Grammar, tokens: Sequence[str]) -> None:
        self._grammar = grammar
        self._tokens = tokens
        self._first = _first_words(grammar)
        self._spans: dict[tuple[str, int], dict[int, Phrases]] = {}

    def spans(self, symbol: str, start: int) -> dict[int, Phrases]:
        """Return the German phrases of a symbol for every span that begins at `start`, keyed by its end."""
        key = symbol, start
        if key not in self._spans:
            self._spans[key] = self._words(symbol, start) or self._phrases(symbol, start)
        return self._spans[key]

    def _words(self, symbol: str, start: int) -> dict[int, Phrases]:
        words = self._grammar.words.get(symbol, ())
        german = frozenset((word.german,) for word in words if word.english == self._tokens[start])
        return {start + 1: german} if german else {}

    def _phrases(self, symbol: str, start: int) -> dict[int, Phrases]:
        found: defaultdict[int, Phrases] = defaultdict(frozenset)
        for rule in self._grammar.rules.get(symbol, ()):
            for end, choices in self._match(rule, start).items():
                found[end] |= frozenset(_german(rule, children) for children in choices)
        return dict(found)

    def _match(self, rule: Rule, start: int) -> dict[int, set[tuple[tuple[str, ...], ...]]]:
        """Match the English side of a rule; return the German phrases of its children, keyed by the end."""
        partial: dict[int, set[tuple[tuple[str, ...], ...]]] = {start: {()}}
        for item in rule.english:
            longer: defaultdict[int, set[tuple[tuple[str, ...], ...]]] = defaultdict(set)
            for position, choices in partial.items():
                if position == len(self._tokens):
                    continue
                if isinstance(item, str):
                    if self._tokens[position] == item:
                        longer[position + 1] |= choices
                elif self._tokens[position] in self._first[rule.children[item]]:
                    for end, phrases in self.spans(rule.children[item], position).items():
                        longer[end] |= {(*before, phrase) for before in choices for phrase in phrases}
            partial = longer
        return partial


def _german(rule: Rule, children: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(word for item in rule.german for word in ((item,) if isinstance(item, str) else children[item]))


@lru_cache(maxsize=8)
def _first_words(grammar: Grammar) -> Mapping[str, frozenset[str]]:
    """Return the English words that each symbol can begin with."""
    first: dict[str, frozenset[str]] = {}
    for symbol in grammar.order:
        found = {word.english for word in grammar.words.get(symbol, ())}
        for rule in grammar.rules.get(symbol, ()):
            item = rule.english[0]
            found.update([item] if isinstance(item, str) else first[rule.children[item]])
        first[symbol] = frozenset(found)
    return first
