"""Decide whether the grammar generates a line."""

from collections.abc import Sequence

from gradus.corpora.builtin.chart import Chart
from gradus.corpora.builtin.grammar import Grammar, Language
from gradus.corpora.builtin.projection import Projection, project


def is_grammatical(grammar: Grammar, tokens: Sequence[str], *, language: Language) -> bool:
    """Say whether the grammar generates a line.

    Args:
        grammar: the grammar.
        tokens: tokens of the line; the first token is capitalised as in the corpus.
        language: language of the line.
    """
    projection = project(grammar, language)
    restored = restore_case(projection, tokens)
    # Without scales: a probability that underflows to zero still differs from None.
    return restored is not None and Chart(projection, restored, [1.0] * len(restored)).total() is not None


def restore_case(projection: Projection, tokens: Sequence[str]) -> list[str] | None:
    """Undo the capital letter of the first token, and return all tokens; return None if the grammar lacks a token."""
    if not tokens or tokens[0] not in projection.initial or not projection.vocabulary.issuperset(tokens[1:]):
        return None
    return [projection.initial[tokens[0]], *tokens[1:]]
