"""Grammars small enough to enumerate all their sentences, and functions that enumerate them."""

import dataclasses
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from typing import NamedTuple

from gradus.corpora.builtin.grammar import Grammar, load_grammar, parse_grammar
from gradus.corpora.builtin.projection import as_line

FOLDER = files("gradus.corpora.builtin")
RULES = FOLDER.joinpath("rules.tsv").read_text(encoding="utf-8")
LEXICON = FOLDER.joinpath("lexicon.tsv").read_text(encoding="utf-8")


def table(text: str) -> str:
    """Return a table with a tab in place of two or more spaces."""
    return "\n".join(re.sub(" {2,}", "\t", line.strip()) for line in text.splitlines())


SMALL_RULES = table("""
    %start  S
    %depth  1
    S  3  N V  N V
    S  2  N W  W N
    S  1  N "think" S'  N "denken" "," S'
""")
# `dogs fish` has two derivations, with different German sides.
SMALL_LEXICON = table("""
    %themes  land sea
    N  land  1  3  dogs  Hunde
    N  sea  1  2  fish  Fische
    V  -  2  -  swim  schwimmen
    V  sea  1  4  fish  fischen
    W  -  1  -  fish  fischen
    W  land  1  5  run  rennen
""")


def small_grammar(topics: int = 2) -> Grammar:
    """Parse the small grammar."""
    return parse_grammar(SMALL_RULES, SMALL_LEXICON, topics=topics)


@lru_cache(maxsize=1)
def real_grammar() -> Grammar:
    """Load the packaged grammar with the number of topics in params.yaml."""
    return load_grammar(12)


class Derivation(NamedTuple):
    """A derivation, with its probability under a topic."""

    probability: float
    english: str
    german: str


def derivations(grammar: Grammar, topic: int) -> list[Derivation]:
    """Enumerate all derivations of a finite grammar."""
    return [
        Derivation(p, as_line(english), as_line(german))
        for p, english, german in _derive(grammar, grammar.start, topic)
    ]


def _derive(grammar: Grammar, symbol: str, topic: int) -> Iterator[tuple[float, list[str], list[str]]]:
    for word in grammar.words.get(symbol, ()):
        yield float(word.probabilities[topic]), [word.english], [word.german]
    for rule in grammar.rules.get(symbol, ()):
        for children in product(*(list(_derive(grammar, child, topic)) for child in rule.children)):
            probability = rule.probability
            for child in children:
                probability *= child[0]
            english, german = (
                [word for item in side for word in ([item] if isinstance(item, str) else children[item][number])]
                for number, side in ((1, rule.english), (2, rule.german))
            )
            yield probability, english, german


def one_word_each(*, also: tuple[str, ...] = ()) -> Grammar:
    """Parse the packaged rules with the first word of every class, and with all words of which `also` has a form."""
    rows, classes = [], set()
    for line in LEXICON.splitlines():
        cells = line.split("\t")
        if len(cells) < 6 or cells[0] not in classes or set(also) & set(cells[4].split()):
            rows.append(line)
            if len(cells) == 6:
                classes.add(cells[0])
    return parse_grammar(RULES, "\n".join(rows), topics=1)


def restrict(grammar: Grammar, *, without: str, start: str | None = None) -> Grammar:
    """Remove symbols that match a pattern, and rules that need them; keep the probabilities of the other rules."""
    words = {symbol: entries for symbol, entries in grammar.words.items() if not re.search(without, symbol)}
    rules = {}
    for symbol in grammar.order:
        alive = words.keys() | rules.keys()
        kept = tuple(rule for rule in grammar.rules.get(symbol, ()) if alive >= set(rule.children))
        if kept and not re.search(without, symbol):
            rules[symbol] = kept
    return dataclasses.replace(grammar, rules=rules, words=words, start=start or grammar.start)


def short_pairs(grammar: Grammar, longest: int) -> frozenset[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Enumerate all pairs whose English side has at most `longest` tokens."""
    least: dict[str, int] = dict.fromkeys(grammar.words, 1)
    for symbol in grammar.order:
        lengths = [sum(1 if isinstance(i, str) else least[rule.children[i]] for i in rule.english)
                   for rule in grammar.rules.get(symbol, ())]  # fmt: skip
        if lengths:
            least[symbol] = min(lengths)

    @cache
    def pairs(symbol: str, budget: int) -> frozenset[tuple[tuple[str, ...], tuple[str, ...]]]:
        found = {((word.english,), (word.german,)) for word in grammar.words.get(symbol, ())}
        for rule in grammar.rules.get(symbol, ()):
            own = sum(isinstance(item, str) for item in rule.english)
            for children in fillings(rule.children, budget - own):
                english, german = (
                    tuple(word for item in side for word in ((item,) if isinstance(item, str) else children[item][n]))
                    for n, side in ((0, rule.english), (1, rule.german))
                )
                found.add((english, german))
        return frozenset(found)

    def fillings(children: tuple[str, ...], budget: int) -> Iterator[tuple[tuple[tuple[str, ...], ...], ...]]:
        if sum(least[child] for child in children) > budget:
            return
        if not children:
            yield ()
            return
        for pair in pairs(children[0], budget - sum(least[child] for child in children[1:])):
            for rest in fillings(children[1:], budget - len(pair[0])):
                yield (pair, *rest)

    return pairs(grammar.start, longest)
