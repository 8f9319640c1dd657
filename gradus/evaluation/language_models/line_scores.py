"""Write and read the scores of a language model for every line of the test text.

The scores make it possible to compare two runs line by line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.arrays import read_array, write_array
from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import REMEDY, open_sealed
from gradus.errors import InputError
from gradus.results.score import CONTEXTS, Context

LINE_SCORES = "per-line scores"
"""Kind of content that the seal of a folder with per-line scores states. The seal is the file with the hashes of all
other files."""

_ABOUT, _TOKENS, _ZEROS = "about.json", "tokens.npy", ".zeros.npy"


@dataclass(frozen=True)
class LineScores:
    """Token counts and negative log-probabilities of every line of a text. EOS is included."""

    text_sha256: str
    """SHA-256 of the text."""
    tokenizer_sha256: str
    """SHA-256 of the tokenizer's files."""
    tokens: NDArray[np.int64]
    """Number of tokens in each line, shape (n_lines,)."""
    nats: Mapping[str, NDArray[np.float64]]
    """Dict from context (`line` or `stream`) to the sum of the negative log-probabilities in each line, nats, shape
    (n_lines,). The sum is over the tokens whose probability is above zero."""
    zeros: Mapping[str, NDArray[np.int64]]
    """Dict from context (`line` or `stream`) to the number of tokens with probability zero in each line, shape
    (n_lines,)."""


def sum_by_line(
    nats: Mapping[Context, NDArray[np.float64]], starts: NDArray[np.int64], text_sha256: str, tokenizer_sha256: str
) -> LineScores:
    """Sum the negative log-probabilities of the tokens in each line.

    Args:
        nats: dict from context (`line` or `stream`) to the negative log-probability of every token, nats, shape
            (n_tokens,); infinite if the probability is zero.
        starts: first position of every line, and the end of the last line, shape (n_lines + 1,).
        text_sha256: SHA-256 of the text.
        tokenizer_sha256: SHA-256 of the tokenizer's files.
    """
    # Infinite values are counted instead of summed: an infinite sum would hide the other tokens of its line.
    zero = {context: np.isposinf(values) for context, values in nats.items()}
    finite = {context: np.where(zero[context], 0.0, values) for context, values in nats.items()}
    return LineScores(
        text_sha256,
        tokenizer_sha256,
        np.diff(starts),
        {context: np.add.reduceat(values, starts[:-1]) for context, values in finite.items()},
        {context: np.add.reduceat(flags, starts[:-1], dtype=np.int64) for context, flags in zero.items()},
    )


def write_line_scores(folder: Path, scores: LineScores) -> None:
    """Write the files `about.json` and `tokens.npy`, and for each context `CONTEXT.npy` and `CONTEXT.zeros.npy`."""
    about = {"text_sha256": scores.text_sha256, "tokenizer_sha256": scores.tokenizer_sha256}
    write_json(folder / _ABOUT, about | {"contexts": list(scores.nats)})
    write_array(folder / _TOKENS, scores.tokens)
    for context, nats in scores.nats.items():
        write_array(folder / f"{context}.npy", nats)
        write_array(folder / f"{context}{_ZEROS}", scores.zeros[context])


def read_line_scores(folder: Path) -> LineScores:
    """Read a folder of per-line scores into memory.

    Raises:
        InputError: if a file is missing or was changed, or if the files have different numbers of lines.
    """
    open_sealed(folder, LINE_SCORES)
    about = read_json(folder / _ABOUT)
    contexts = [context for context in CONTEXTS if context in about.get("contexts", ())]
    scores = LineScores(
        str(about.get("text_sha256")),
        str(about.get("tokenizer_sha256")),
        np.array(read_array(folder / _TOKENS, np.int64)),
        {context: np.array(read_array(folder / f"{context}.npy", np.float64)) for context in contexts},
        {context: np.array(read_array(folder / f"{context}{_ZEROS}", np.int64)) for context in contexts},
    )
    arrays = [*scores.nats.values(), *scores.zeros.values()]
    if not all(len(array) == len(scores.tokens) and np.isfinite(array).all() for array in arrays):
        expected = f"finite numbers for {len(scores.tokens)} lines"
        raise InputError(folder, expected=expected, found="other arrays", remedy=REMEDY)
    return scores
