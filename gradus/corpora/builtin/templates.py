"""Expand the rows of the rule table: replace variables by their values, and add a depth to every symbol."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from gradus.corpora.builtin.tables import Row, Table, read_weight

VARIABLE = re.compile(r"\$([a-z])")
MAX_DEPTH = 9

Side = tuple[str | int, ...]
"""Right-hand side of a rule in one language: words, and indices into `Rule.children`."""


@dataclass(frozen=True)
class Rule:
    """A rule that rewrites one symbol in both languages at once."""

    probability: float
    children: tuple[str, ...]
    """Symbols of the right-hand side, in the order of the English side."""
    english: Side
    german: Side


def expand_rules(table: Table, preterminals: frozenset[str]) -> tuple[str, dict[str, tuple[Rule, ...]]]:
    """Expand a table of rules into a finite grammar whose symbols include their depth.

    A symbol X becomes X@0, X@1, ... up to the depth in `%depth`. A child with a prime (X') is one level deeper than its
    parent. Rules that need a deeper level are dropped, and the weights of the remaining rules are normalised per
    symbol.

    Args:
        table: the rules; the comments in `rules.tsv` explain the columns and directives.
        preterminals: symbols of the lexicon, which have no depth.
    Returns:
        the start symbol, and a dict from every phrase symbol to its rules.
    Raises:
        InputError: if a directive or a row is malformed, a symbol is unknown, or the two sides have different symbols.
    """
    values = {row.cells[1]: row.cells[2].split(" ") for row in table.directives if row.cells[0] == "%values"}
    depth = _read_depth(table.directive("%depth"))
    templates = [template for row in table.rows for template in _templates(row, values)]
    known = preterminals | {template.parent for template in templates}
    weighted: defaultdict[str, list[tuple[float, Rule]]] = defaultdict(list)
    for level in range(depth + 1):
        for template in templates:
            template.check(known, preterminals)
            weighted[f"{template.parent}@{level}"].append(template.at(level, preterminals))
    return table.directive("%start").cells[1] + "@0", _normalise(_productive(weighted, preterminals))


def _read_depth(row: Row) -> int:
    if not (row.cells[1].isdigit() and int(row.cells[1]) <= MAX_DEPTH):
        raise row.error(expected=f"a depth from 0 to {MAX_DEPTH}", found=row.cells[1])
    return int(row.cells[1])


@dataclass(frozen=True)
class _Template:
    """Row of the rule table after its variables are replaced, before symbols have a depth."""

    row: Row
    parent: str
    weights: tuple[float, ...]
    english: tuple[str, ...]
    german: tuple[str, ...]

    @property
    def children(self) -> tuple[str, ...]:
        return tuple(item for item in self.english if not _is_word(item))

    def check(self, known: frozenset[str], preterminals: frozenset[str]) -> None:
        if sorted(self.children) != sorted(item for item in self.german if not _is_word(item)):
            raise self.row.error(expected="the same symbols on both sides", found=" | ".join(self.row.cells[2:]))
        if len(set(self.children)) < len(self.children):
            raise self.row.error(
                expected="children with the same name, each with a number (#1, #2)", found=" ".join(self.children)
            )
        for child in self.children:
            if _name(child) not in known:
                raise self.row.error(expected="a symbol with rules or words", found=_name(child))
        if self.parent in preterminals:
            raise self.row.error(expected="a parent symbol that is not in the lexicon", found=self.parent)

    def at(self, level: int, preterminals: frozenset[str]) -> tuple[float, Rule]:
        """Return the weight and the rule at one depth. The rule has the probability 0 until `_normalise` sets it."""
        weight = self.weights[min(level, len(self.weights) - 1)]  # the last weight holds for all deeper levels
        number = {child: index for index, child in enumerate(self.children)}
        english, german = (
            tuple(item[1:-1] if _is_word(item) else number[item] for item in side)
            for side in (self.english, self.german)
        )
        children = tuple(_with_depth(child, level, preterminals) for child in self.children)
        return weight, Rule(0.0, children, english, german)


def _is_word(item: str) -> bool:
    return len(item) > 2 and item[0] == item[-1] == '"'


def _name(item: str) -> str:
    return item.split("#")[0].rstrip("'")


def _with_depth(child: str, level: int, preterminals: frozenset[str]) -> str:
    name = _name(child)
    deeper = child.split("#")[0].endswith("'")
    return name if name in preterminals else f"{name}@{level + deeper}"


def _templates(row: Row, values: Mapping[str, list[str]]) -> Iterator[_Template]:
    """Yield one template for each combination of values of the variables in a row.

    If a variable does not occur in the parent symbol, its values share the weight of the row equally.
    """
    variables = sorted(set(VARIABLE.findall(" ".join(row.cells))))
    for variable in variables:
        if variable not in values:
            raise row.error(expected="a variable with a row %values", found=f"${variable}")
    # Shared weights: otherwise a variable with many values would make its row more probable.
    choices = 1
    for variable in set(variables) - set(VARIABLE.findall(row.cells[0])):
        choices *= len(values[variable])
    weights = tuple(read_weight(row, text) / choices for text in row.cells[1].split(" "))
    for assignment in product(*(values[variable] for variable in variables)):
        assigned = dict(zip(variables, assignment, strict=True))
        parent, _, english, german = (_substitute(cell, assigned) for cell in row.cells)
        yield _Template(row, parent, weights, tuple(english.split(" ")), tuple(german.split(" ")))


def _substitute(cell: str, values: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda match: values[match[1]], cell)


def _productive(
    weighted: Mapping[str, list[tuple[float, Rule]]], preterminals: frozenset[str]
) -> dict[str, list[tuple[float, Rule]]]:
    """Drop every rule with a child that has neither words nor rules; repeat until no rule is dropped."""
    kept = dict(weighted)
    while True:
        alive = preterminals | kept.keys()
        smaller = {
            symbol: [pair for pair in rules if alive.issuperset(pair[1].children)] for symbol, rules in kept.items()
        }
        smaller = {symbol: rules for symbol, rules in smaller.items() if rules}
        if smaller == kept:
            return kept
        kept = smaller


def _normalise(weighted: Mapping[str, list[tuple[float, Rule]]]) -> dict[str, tuple[Rule, ...]]:
    rules = {}
    for symbol, pairs in weighted.items():
        total = sum(weight for weight, _ in pairs)
        rules[symbol] = tuple(Rule(weight / total, rule.children, rule.english, rule.german) for weight, rule in pairs)
    return rules
