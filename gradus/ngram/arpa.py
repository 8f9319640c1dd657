"""ARPA files, which KenLM, SRILM and others read."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts import new_file
from gradus.ngram.model import NgramModel
from gradus.text.special import PAD_ID

ZERO = -99.0
"""log10 of zero in ARPA files."""

Logs = NDArray[np.float32]


def write_arpa(path: Path, model: NgramModel, pieces: Sequence[str]) -> None:
    """Write a model in ARPA format: log10 p(w | h), the n-gram, and log10 of the weight of its own unseen words.

    Args:
        path: the file to write.
        model: any model that is a distribution after every history.
        pieces: the piece of every id, PAD, UNK, BOS and EOS as in `gradus.text.special`; none has white space.
    Raises:
        ValueError: for maximum likelihood and stupid back-off, whose weight after unseen histories is not 1 and
            cannot be written, and for a number of pieces that is not the model's.
    """
    if model.unseen_log_weight != 0:
        raise ValueError(f"expected a distribution after every history, found {model.kind}")
    if len(pieces) != model.vocabulary_size:
        raise ValueError(f"expected {model.vocabulary_size} pieces, found {len(pieces)}")
    with new_file(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\\data\\\n")
        # PAD is an id and no n-gram
        file.writelines(f"ngram {n}={len(keys) - (n == 1)}\n" for n, keys in enumerate(model.keys, 1))
        for n, lines in enumerate(_sections(model, pieces), 1):
            file.write(f"\n\\{n}-grams:\n")
            file.writelines(lines)
        file.write("\n\\end\\\n")


def _sections(model: NgramModel, pieces: Sequence[str]) -> Iterator[Iterator[str]]:
    texts = [""]  # of the entries one order below
    for n, (keys, level) in enumerate(zip(model.keys, model.levels, strict=True), 1):
        histories, words = np.divmod(keys, model.vocabulary_size)
        texts = [f"{texts[h]} {pieces[w]}".lstrip() for h, w in zip(histories.tolist(), words.tolist(), strict=True)]
        weights = model.levels[n].log_weights if n < model.order else None
        yield _lines(texts, level.log_probs, weights, skip=PAD_ID if n == 1 else None)


def _lines(texts: list[str], log_probs: Logs, log_weights: Logs | None, skip: int | None) -> Iterator[str]:
    weights = [""] * len(texts) if log_weights is None else [f"\t{weight:.9g}" for weight in _log10(log_weights)]
    for place, (prob, text, weight) in enumerate(zip(_log10(log_probs), texts, weights, strict=True)):
        if place != skip:
            yield f"{prob:.9g}\t{text}{weight}\n"


def _log10(nats: Logs) -> list[float]:
    log10 = np.asarray(nats, dtype=np.float64) / math.log(10)
    return [float(value) for value in np.maximum(log10, ZERO)]
