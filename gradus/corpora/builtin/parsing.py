"""Parser that decides whether a line is a sentence of the grammar."""

from collections.abc import Sequence

from gradus.corpora.builtin.chart import Chart
from gradus.corpora.builtin.grammar import Grammar, Language
from gradus.corpora.builtin.projection import Projection, project


def is_grammatical(grammar: Grammar, tokens: Sequence[str], *, language: Language) -> bool:
    """Return whether the grammar generates exactly these tokens.

    Args:
        grammar: the grammar.
        tokens: tokens of one line, the first one capitalised as in the corpus.
        language: language of the line.
    """
    projection = project(grammar, language)
    restored = restore_case(projection, tokens)
    return restored is not None and Chart(projection, restored, [1.0] * len(restored)).total() is not None


def restore_case(projection: Projection, tokens: Sequence[str]) -> list[str] | None:
    """Undo the capital at the start of a line; return None if a token is unknown to the grammar."""
    if not tokens or tokens[0] not in projection.initial or not projection.vocabulary.issuperset(tokens[1:]):
        return None
    return [projection.initial[tokens[0]], *tokens[1:]]
