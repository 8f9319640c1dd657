"""Read the lexicon: English words, their German translations, and their probabilities under every topic."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.corpora.builtin.tables import Row, Table, read_weight

Cells = Mapping[str, tuple[int, int]]
"""Inflection table: dict from a cell, such as `sg.dat`, to the indices of the English and the German form."""


@dataclass(frozen=True)
class Word:
    """An English word form and its German translation."""

    english: str
    german: str
    probabilities: NDArray[np.float64]
    """p(word | preterminal, z) for every topic z, shape (K,)."""


def read_lexicon(table: Table, *, topics: int) -> dict[str, tuple[Word, ...]]:
    """Expand the rows of a lexicon into the words of every preterminal.

    p(word | preterminal, z) = weight(word, z) / sum of weight(w, z) over all words w of the preterminal

    weight(word, z) is the column `home` if a theme of the word belongs to topic z, else the column `weight`.

    Args:
        table: the lexicon; the comments in `lexicon.tsv` explain its columns and directives.
        topics: K, number of topics; theme i belongs to topic i mod K.
    Returns:
        dict from a preterminal to its words, in the order of the table.
    Raises:
        InputError: if there are more topics than themes, or if a row has an unknown theme, a missing form, or a weight
            that is not positive.
    """
    themes = _themes(table, topics)
    paradigms = dict(_paradigm(row) for row in table.directives if row.cells[0] == "%paradigm")
    entries: defaultdict[str, list[tuple[str, str, NDArray[np.float64]]]] = defaultdict(list)
    for row in table.rows:
        weights = _weights(row, themes, topics)
        for preterminal, english, german in _forms(row, paradigms):
            entries[preterminal].append((english, german, weights))
    return {preterminal: _normalise(words) for preterminal, words in entries.items()}


def _normalise(words: list[tuple[str, str, NDArray[np.float64]]]) -> tuple[Word, ...]:
    total = np.sum([weights for _, _, weights in words], axis=0)
    return tuple(Word(english, german, weights / total) for english, german, weights in words)


def _themes(table: Table, topics: int) -> dict[str, int]:
    row = table.directive("%themes")
    names = row.cells[1].split(" ")
    if not 1 <= topics <= len(names):
        raise row.error(
            expected=f"1 to {len(names)} topics", found=str(topics), remedy="change the number of topics or add themes"
        )
    return {name: number % topics for number, name in enumerate(names)}


def _weights(row: Row, themes: Mapping[str, int], topics: int) -> NDArray[np.float64]:
    _, names, weight, home, _, _ = row.cells
    weights = np.full(topics, read_weight(row, weight))
    if names == "-" and home == "-":
        return weights
    for name in names.split(","):
        if name not in themes:
            raise row.error(expected=f"one of the themes {', '.join(themes)}", found=name)
        weights[themes[name]] = read_weight(row, home)  # not added: two themes may belong to one topic
    return weights


def _paradigm(row: Row) -> tuple[str, Cells]:
    """Return the name and the cells in a row `%paradigm NAME cell=1/2 ...`."""
    try:
        _, name, cells = row.cells
        pairs = [cell.replace("=", "/").split("/") for cell in cells.split(" ")]
        return name, {cell: (int(english) - 1, int(german) - 1) for cell, english, german in pairs}
    except ValueError:
        raise row.error(expected="a name and cells such as sg.dat=1/3", found=" ".join(row.cells)) from None


def _forms(row: Row, paradigms: Mapping[str, Cells]) -> Iterator[tuple[str, str, str]]:
    """Yield a preterminal, an English form and a German form for every cell in the inflection table of a row."""
    name, english, german = row.cells[0], row.cells[4].split(" "), row.cells[5].split(" ")
    cells = paradigms.get(name.split(".")[0], {"": (0, 0)})  # without a paradigm: one form in each language
    expected = tuple(1 + max(form[side] for form in cells.values()) for side in (0, 1))
    if (len(english), len(german)) != expected:
        raise row.error(
            expected=f"{expected[0]} English and {expected[1]} German forms", found=f"{len(english)} and {len(german)}"
        )
    for cell, (source, target) in cells.items():
        yield (f"{name}.{cell}" if cell else name), english[source], german[target]
