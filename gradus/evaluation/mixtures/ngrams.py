"""Score a text with an n-gram model of a mixture: single tokens, or whole distributions. This needs no torch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.scoring.lookup import distributions, histories
from gradus.ngram.scoring.model import NgramModel

PIECE = 2**20
"""Most log-probabilities in a piece of a text's distributions, 4 MiB."""


def rows_of_piece(vocabulary_size: int) -> int:
    """Return the number of distributions in a piece, at least one."""
    return max(1, PIECE // vocabulary_size)


def ngram_nats(model: NgramModel, ids: NDArray[Any]) -> NDArray[np.float64]:
    """Return -ln P of every token of a text, nats, shape (n_tokens,).

    The arguments are those of `ngram_log_probs`, which says what is special about maximum likelihood.
    """
    if model.unseen_weight == 1:
        return -model.log_probs(ids)
    chosen, begin = np.empty(len(ids)), 0
    for rows in ngram_log_probs(model, ids, np.arange(len(ids))):
        end = begin + len(rows)
        chosen[begin:end] = rows[np.arange(len(rows)), ids[begin:end]]
        begin = end
    return -chosen


def ngram_log_probs(model: NgramModel, ids: NDArray[Any], order: NDArray[np.int64]) -> Iterator[NDArray[np.float32]]:
    """Yield the distributions of an n-gram model, float32 (n, V).

    After a history without continuations, maximum likelihood uses a shorter history, as `NgramStep` does, so that it is
    a distribution there too. Alone, it gives every token probability zero there.

    Args:
        model: n-gram model whose scores are probabilities.
        ids: token ids of the text, EOS after every line, shape (n_tokens,).
        order: positions of the tokens in the order of the result.
    """
    nodes = histories(model.trie, ids)
    rows = rows_of_piece(model.vocabulary_size)
    for begin in range(0, len(order), rows):
        yield distributions(model.trie, model.tables, nodes[order[begin : begin + rows]])
