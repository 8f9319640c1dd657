"""Write a model as an ARPA file for KenLM, SRILM and other toolkits, plain or compressed by gzip.

A row contains log10 p(w | h), the n-gram hw and log10 of the back-off weight of hw, separated by tabs.
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
"""Significant digits of a logarithm. Nine digits identify every float32."""

BATCH = 2**18
"""Number of n-grams that are written at once."""

BLANKS = frozenset(" \t\n\r")
"""Characters that all toolkits treat as separators of words. Other white space may be part of a word."""

_BEGIN = b"\\data\\\n"


@contextmanager
def new_arpa(path: Path, inputs: Iterable[Path], replace: bool) -> Iterator[Path]:
    """Yield a temporary file; rename it to `path` at the end.

    If `replace` is true and `path` is already an ARPA file, the new file replaces it.
    """
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
    """Open a new file for writing; compress it if its name ends in `.gz`."""
    if path.suffix == ".gz":
        # no date, so that the same model always gives the same bytes
        return GzipFile(path, "wb", 6, mtime=0)  # type: ignore[return-value]
    return path.open("wb")


def write_arpa(path: Path, model: NgramModel, pieces: Sequence[str], track: Track = silent) -> None:
    """Write a model in ARPA format, with enough digits to restore every number exactly.

    -99 stands for log10 of zero. BOS has this value, because the model never predicts BOS. PAD is not written.

    Args:
        path: the file to write. It is compressed if its name ends in `.gz`.
        model: a model whose probabilities sum to one after every history.
        pieces: the piece of every id, without blanks. The special pieces are those of `gradus.text.special`.
        track: shows a progress bar over orders.
    Raises:
        InputError: if the model's `unseen_weight` is not 1, because the format cannot express such a weight (maximum
            likelihood and stupid back-off have one); if a piece contains blanks or is the alternative spelling of UNK;
            or if the number of pieces is not the number of ids.
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
            expected="a model whose probabilities sum to one after every history",
            found=model.kind,
            remedy="choose another smoother, because the ARPA format has no weight for unseen histories",
        )
    if len(pieces) != model.vocabulary_size:
        raise InputError(
            "the vocabulary",
            expected=f"{model.vocabulary_size} pieces",
            found=f"{len(pieces)} pieces",
            remedy="use the tokenizer that the model was trained with",
        )
    bad = next((piece for piece in pieces if piece in ("", OTHER_UNK) or not BLANKS.isdisjoint(piece)), None)
    if bad is not None:
        raise InputError(
            "the vocabulary",
            expected=f"pieces without blanks, and no piece {OTHER_UNK}",
            found=repr(bad),
            remedy=f"train the model on a text without this piece, because toolkits split pieces at blanks "
            f"and read {OTHER_UNK} as {UNK}",
        )


def _lines(model: NgramModel, words: NDArray[np.uint32], nodes: NDArray[np.int64], texts: pa.StringArray) -> pa.Buffer:
    """Format the rows of n-grams of one order."""
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
    """Convert natural logarithms to decimal logarithms with `DIGITS` digits, as text; -inf becomes `ZERO`."""
    log10 = np.where(np.isneginf(nats), ZERO, nats.astype(np.float64) / math.log(10))
    size = np.floor(np.log10(np.abs(log10), out=np.zeros_like(log10), where=log10 != 0))
    scale = 10.0 ** (DIGITS - 1 - size)
    return pa.array(np.round(log10 * scale) / scale + 0.0).cast(pa.string())  # + 0.0 turns -0 into 0
