"""Every German translation that the grammar gives an English line: one, or the grammar is wrong."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from gradus.corpora.builtin.grammar import Grammar
from gradus.corpora.builtin.parsing import restore_case
from gradus.corpora.builtin.projection import capitalised, project
from gradus.corpora.builtin.templates import Rule

Phrases = frozenset[tuple[str, ...]]
"""German phrases, each a tuple of words."""


def targets(grammar: Grammar, tokens: Sequence[str]) -> frozenset[str]:
    """Collect the German sides of all derivations of an English line.

    Args:
        grammar: the synchronous grammar.
        tokens: an English line, its first token capitalised.
    Returns:
        German lines as in the corpus; none if the tokens are not a sentence. The packaged grammar is written so that
        there is never a second one, which makes its translation a function and a perfect BLEU 100.
    """
    restored = restore_case(project(grammar, "en"), tokens)
    if restored is None:
        return frozenset()
    phrases = _Translation(grammar, restored).spans(grammar.start, 0).get(len(restored), frozenset())
    return frozenset(" ".join([capitalised(words[0]), *words[1:]]) for words in phrases)


class _Translation:
    """A chart over the English tokens whose entries are German phrases instead of probabilities."""

    def __init__(self, grammar: Grammar, tokens: Sequence[str]) -> None:
        self._grammar = grammar
        self._tokens = tokens
        self._first = _first_words(grammar)
        self._spans: dict[tuple[str, int], dict[int, Phrases]] = {}

    def spans(self, symbol: str, start: int) -> dict[int, Phrases]:
        """Give the German phrases of a symbol's spans from `start`, by end."""
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
        """Match the English side; keep the German phrases of the children, in the order of the children."""
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
    """Find the English words that every symbol can begin with."""
    first: dict[str, frozenset[str]] = {}
    for symbol in grammar.order:
        found = {word.english for word in grammar.words.get(symbol, ())}
        for rule in grammar.rules.get(symbol, ()):
            item = rule.english[0]
            found.update([item] if isinstance(item, str) else first[rule.children[item]])
        first[symbol] = frozenset(found)
    return first
