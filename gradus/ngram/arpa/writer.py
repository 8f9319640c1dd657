"""Write a model as an ARPA file, plain or compressed by gzip, which KenLM, SRILM and others read.

A row is: log10 p(w | h)  TAB  the n-gram  TAB  log10 of the back-off weight
"""

import gzip
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from gzip import GzipFile
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gradus.artifacts.places import begins_with, new_file
from gradus.errors import InputError
from gradus.ngram.arpa.fields import OTHER_UNK, ZERO
from gradus.ngram.arpa.ngram_list import histories_of, words_of
from gradus.ngram.scoring.model import NgramModel
from gradus.progress import Track, silent
from gradus.text.special import PAD_ID, UNK

DIGITS = 9
"""Significant digits of a logarithm: enough to read the same 32-bit number again."""

BATCH = 2**18
"""n-grams written at once."""

BLANKS = frozenset(" \t\n\r")
"""Characters that separate words for every reader; other white space may be part of a word."""

_BEGIN = b"\\data\\\n"


@contextmanager
def new_arpa(path: Path, inputs: Iterable[Path], replace: bool) -> Iterator[Path]:
    """Yield a temporary file that is renamed to `path` at the end; `replace` permits replacing an ARPA file."""
    with new_file(path, _is_arpa, inputs=inputs, replace=replace) as part:
        yield part


def _is_arpa(path: Path) -> bool:
    if path.is_dir():
        return False
    try:
        with gzip.open(path) if begins_with(b"\x1f\x8b")(path) else path.open("rb") as file:
            return file.read(len(_BEGIN)) == _BEGIN
    except (OSError, EOFError, zlib.error):
        return False


def _open_new(path: Path) -> IO[bytes]:
    """Open a file to be written, through gzip if its name ends in `.gz`; without a date, so that bytes repeat."""
    if path.suffix == ".gz":
        return GzipFile(path, "wb", 6, mtime=0)  # type: ignore[return-value]
    return path.open("wb")


def write_arpa(path: Path, model: NgramModel, pieces: Sequence[str], track: Track = silent) -> None:
    """Write a model in ARPA format, so that reading it gives the same numbers.

    Zero is written as -99; BOS, which is never predicted, has this value. All 1-grams except PAD are written.

    Args:
        path: the file to write; it is compressed if the name ends in `.gz`.
        model: any model that is a distribution after every history.
        pieces: the piece of every id, PAD, UNK, BOS and EOS as in `gradus.text.special`, without blanks.
        track: shows the progress over orders.
    Raises:
        InputError: if the model has a weight for unseen histories other than 1 (maximum likelihood, stupid back-off),
            which the format cannot express; if a piece has blanks or is another spelling of UNK; if the numbers of
            ids and pieces differ.
    """
    _refuse_unwritable(model, pieces)  # before the file exists
    trie = model.trie
    histories, texts = histories_of(trie), pa.array(pieces, pa.string())
    with _open_new(path) as file:
        sizes = ((n, size - (n == 1)) for n, size in enumerate(trie.sizes, 1))  # without PAD
        file.write(_BEGIN + b"".join(b"ngram %d=%d\n" % pair for pair in sizes))
        for n in track(range(1, trie.order + 1), "writing"):
            file.write(b"\n\\%d-grams:\n" % n)
            for begin in range(trie.firsts[n], trie.firsts[n + 1], BATCH):
                nodes = np.arange(begin, min(begin + BATCH, trie.firsts[n + 1]))
                file.write(_lines(model, words_of(trie, histories, nodes, n), nodes, texts))
        file.write(b"\n\\end\\\n")


def _refuse_unwritable(model: NgramModel, pieces: Sequence[str]) -> None:
    if model.unseen_weight != 1:
        raise InputError(
            "the model",
            expected="a distribution after every history",
            found=model.kind,
            remedy="choose another smoother: the ARPA format has no weight for unseen histories",
        )
    if len(pieces) != model.vocabulary_size:
        raise InputError(
            "the vocabulary",
            expected=f"{model.vocabulary_size} pieces",
            found=f"{len(pieces)} pieces",
            remedy="give the model's own tokenizer",
        )
    bad = next((piece for piece in pieces if piece in ("", OTHER_UNK) or not BLANKS.isdisjoint(piece)), None)
    if bad is not None:
        raise InputError(
            "the vocabulary",
            expected=f"pieces without blanks, none of them {OTHER_UNK}",
            found=repr(bad),
            remedy=f"train the model on a text without it: readers of ARPA files split at blanks, and take {OTHER_UNK} "
            f"for {UNK}",
        )


def _lines(model: NgramModel, words: NDArray[np.uint32], nodes: NDArray[np.int64], texts: pa.StringArray) -> pa.Buffer:
    """Return the lines of some n-grams of one order."""
    if words.shape[1] == 1:
        nodes, words = nodes[words[:, 0] != PAD_ID], words[words[:, 0] != PAD_ID]
    spelled = pc.binary_join_element_wise(*(texts.take(pa.array(column)) for column in words.T), " ")
    # Arrow joins and formats whole columns; a Python loop over n-grams would be many times slower
    columns = [_log10(np.minimum(model.tables.log_probs[nodes], 0)), spelled]  # rounding may put ln 1 above 0
    if words.shape[1] < model.order:
        columns.append(_log10(model.tables.backoff[nodes]))
    lines = pc.binary_join_element_wise(*columns, "\t")
    return pc.binary_join_element_wise(lines, "", "\n").buffers()[2]  # the buffer of all texts, without a copy


def _log10(nats: NDArray[np.float32]) -> pa.Array:
    """Return decimal logarithms as text of `DIGITS` digits, `ZERO` for -inf."""
    log10 = np.where(np.isneginf(nats), ZERO, nats.astype(np.float64) / math.log(10))
    size = np.floor(np.log10(np.abs(log10), out=np.zeros_like(log10), where=log10 != 0))
    scale = 10.0 ** (DIGITS - 1 - size)
    return pa.array(np.round(log10 * scale) / scale + 0.0).cast(pa.string())  # + 0.0 turns -0 into 0
