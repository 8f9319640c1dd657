"""Sample texts of any length from an n-gram model. The benchmarks use such texts as large corpora."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from gradus.ngram.scoring.model import NgramModel
from gradus.ngram.trie import BOS_NODE, ROOT
from gradus.text.special import EOS_ID

BATCH = 2**20
"""Number of tokens per batch."""


def write_sample(path: Path, model: NgramModel, pieces: list[str], tokens: int, seed: int) -> None:
    """Sample about `tokens` tokens; write them as a text with one sentence per line."""
    spelled = pa.array(["\n" if token == EOS_ID else f"{piece} " for token, piece in enumerate(pieces)])
    with path.open("wb") as file:
        for ids in draw(model, tokens, seed):
            file.write(spelled.take(pa.array(ids)).buffers()[2])
        file.write(b"\n")


def draw(model: NgramModel, tokens: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Sample token ids from the model's distributions; yield them in batches. The last line may end without EOS."""
    trie = model.trie
    arrays = np.asarray(trie.words), np.asarray(trie.begins), np.asarray(trie.suffixes), trie.firsts[trie.order]
    below = np.concatenate([[0.0], np.cumsum(np.exp(model.tables.log_probs, dtype=np.float64))])
    below -= np.exp(np.float64(model.tables.log_probs[ROOT]))  # the root itself has no probability
    node = BOS_NODE
    for begin in range(0, tokens, BATCH):
        ids = np.empty(min(BATCH, tokens - begin), np.int64)
        node = _draw(arrays, below, node, seed + begin, ids)
        yield ids


@njit
def _draw(trie, below, node, seed, ids):  # type: ignore[no-untyped-def]
    """Sample words one by one and write them to `ids`.

    A node is an n-gram in the trie. The probability of a node is `P(last word | earlier words)`.
    `below[i]` is the sum of the probabilities of all nodes before node `i`.
    """
    words, begins, suffixes, first_longest = trie
    np.random.seed(seed)
    for t in range(len(ids)):
        at = _draw_one(trie, below, node)
        ids[t] = words[at]
        node = BOS_NODE if words[at] == EOS_ID else (np.int64(suffixes[at]) if at >= first_longest else at)
    return node


@njit
def _draw_one(trie, below, longest):  # type: ignore[no-untyped-def]
    """Sample the word that follows a history; return an n-gram that ends with this word.

    Histories and n-grams are nodes of the trie. `longest` is the node of the whole history.

    The continuations of a history have probabilities that sum to less than 1. With the remaining probability, the
    function backs off to the next shorter history. If the sampled word is also a continuation of a longer history,
    the function rejects the word, because only the longer history may produce this word.
    """
    words, begins, suffixes, _ = trie
    start = longest
    while True:
        node = start
        place = np.random.random()
        while node != ROOT and place >= below[begins[node + 1]] - below[begins[node]]:
            node, place = np.int64(suffixes[node]), np.random.random()
        low, high = np.int64(begins[node]), np.int64(begins[node + 1])
        if node == ROOT:
            place *= below[high] - below[low]
        at = low + np.searchsorted(below[low + 1 : high], below[low] + place, side="right")
        again, history = np.int64(-1), longest
        while history != node:  # reject words that a longer history continues with
            first, end = np.int64(begins[history]), np.int64(begins[history + 1])
            place_there = first + np.searchsorted(words[first:end], words[at])
            if place_there < end and words[place_there] == words[at]:
                again = np.int64(suffixes[history])
            history = np.int64(suffixes[history])
        if again < 0:
            return at
        start = again
