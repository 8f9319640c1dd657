"""ARPA files, which KenLM, SRILM and others read: a model as text, plain or compressed by gzip.

log10 p(w | h)  TAB  the n-gram  TAB  log10 of the weight of what was not seen after it
"""

import gzip
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gradus.artifacts import new_file
from gradus.errors import InputError
from gradus.ngram.model import NgramModel
from gradus.ngram.trie import Trie
from gradus.progress import Track, silent
from gradus.text.special import PAD_ID

ZERO = -99.0
"""log10 of zero in ARPA files."""

DIGITS = 9
"""Significant digits of a logarithm: enough to find the same 32-bit number again."""

BATCH = 2**18
"""n-grams written at once."""


def open_arpa(path: Path, mode: str) -> IO[bytes]:
    """Open a file, through gzip where its name ends in `.gz` (or `.gz.part`), with the same bytes on every run."""
    if path.name.removesuffix(".part").endswith(".gz"):
        return gzip.GzipFile(path, mode, mtime=0)  # type: ignore[return-value]
    return path.open(mode)


def write_arpa(path: Path, model: NgramModel, pieces: Sequence[str], track: Track = silent) -> None:
    """Write a model in ARPA format.

    Args:
        path: the file to write; a name in `.gz` is compressed.
        model: any model that is a distribution after every history.
        pieces: the piece of every id, PAD, UNK, BOS and EOS as in `gradus.text.special`; none has white space.
        track: shows how far the orders have come.
    Raises:
        InputError: for maximum likelihood and stupid back-off, whose weight after unseen histories is not 1 and
            cannot be written; for pieces with white space, or not as many as the model has ids.
    """
    _refuse(model, pieces)
    trie = model.trie
    with new_file(path) as part, open_arpa(part, "wb") as file:
        sizes = [trie.firsts[n + 1] - trie.firsts[n] - (n == 1) for n in range(1, trie.order + 1)]  # PAD is no n-gram
        file.write(b"\\data\\\n" + b"".join(b"ngram %d=%d\n" % pair for pair in enumerate(sizes, 1)))
        for n in track(range(1, trie.order + 1), "writing"):
            file.write(b"\n\\%d-grams:\n" % n)
            for lines in _lines(model, n, pa.array(pieces, pa.string())):
                file.write(lines)
        file.write(b"\n\\end\\\n")


def _refuse(model: NgramModel, pieces: Sequence[str]) -> None:
    if model.unseen_weight != 1:
        raise InputError(
            "the model",
            expected="a distribution after every history",
            found=model.kind,
            remedy="ARPA files cannot say what it does after an unseen one; take another smoother",
        )
    spaced = next((piece for piece in pieces if len(piece.split()) != 1), None)
    if len(pieces) != model.vocabulary_size or spaced is not None:
        raise InputError(
            "the vocabulary",
            expected=f"{model.vocabulary_size} pieces without white space",
            found=f"{len(pieces)} pieces" if spaced is None else repr(spaced),
            remedy="give the model's own tokenizer; pieces that hold white space cannot be written",
        )


def _lines(model: NgramModel, order: int, pieces: pa.Array) -> Iterator[pa.Buffer]:
    """Yield the lines of one order, some at a time."""
    trie = model.trie
    parents = parents_of(trie)
    for begin in range(trie.firsts[order], trie.firsts[order + 1], BATCH):
        nodes = np.arange(begin, min(begin + BATCH, trie.firsts[order + 1]))
        if order == 1:
            nodes = nodes[trie.words[nodes] != PAD_ID]
        columns = [_log10(model.tables.log_probs[nodes]), _spelled(trie, parents, nodes, order, pieces)]
        if order < trie.order:
            columns.append(_log10(model.tables.log_weights[nodes]))
        lines = pc.binary_join_element_wise(*columns, "\t")
        yield pc.binary_join_element_wise(lines, "", "\n").buffers()[2]  # the texts one after the other


def parents_of(trie: Trie) -> NDArray[np.uint32]:
    """Return the node that lacks the last word, for every node; the root's is the root. uint32, shape (nodes,)."""
    parents = np.repeat(np.arange(len(trie.begins) - 1, dtype=np.uint32), np.diff(trie.begins))
    return np.concatenate([np.zeros(1, np.uint32), parents])


def _spelled(trie: Trie, parents: NDArray[Any], nodes: NDArray[np.int64], order: int, pieces: pa.Array) -> pa.Array:
    """Return n-grams of one order as text, words one space apart."""
    words = []
    for _ in range(order):
        words.append(pieces.take(pa.array(trie.words[nodes])))
        nodes = parents[nodes]
    return pc.binary_join_element_wise(*reversed(words), " ")


def _log10(nats: NDArray[np.float32]) -> pa.Array:
    """Return decimal logarithms as text of `DIGITS` digits, `ZERO` for -inf."""
    log10 = np.maximum(nats.astype(np.float64) / math.log(10), ZERO)
    size = np.floor(np.log10(np.abs(log10), out=np.zeros_like(log10), where=log10 != 0))
    scale = 10.0 ** (DIGITS - 1 - size)
    return pa.array(np.round(log10 * scale) / scale + 0.0).cast(pa.string())  # 0.0: no negative zero
