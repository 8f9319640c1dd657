"""Write and read the BLEU statistics of every test sentence.

The statistics make it possible to compare two runs sentence by sentence.
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
from gradus.evaluation.translation_models.bleu import STATISTICS
from gradus.names import require_name

SENTENCE_SCORES = "per-sentence BLEU statistics"
"""Name for the content of a folder of BLEU statistics. The seal of the folder, which is the file that lists hashes,
contains this name."""

_ABOUT = "about.json"


@dataclass(frozen=True)
class SentenceScores:
    """BLEU statistics of all sentences of a test text."""

    text_sha256: str
    """SHA-256 of the test text."""
    statistics: Mapping[str, NDArray[np.int64]]
    """Dict from decoding strategy to statistics, shape (n_sentences, 10), as `bleu.sentence_statistics` returns them.
    The sum of the statistics over all sentences determines corpus BLEU."""


def write_sentence_scores(folder: Path, scores: SentenceScores) -> None:
    """Write `about.json`, and for each strategy the array `STRATEGY.npy` with 10 numbers per sentence."""
    write_json(folder / _ABOUT, {"text_sha256": scores.text_sha256, "strategies": list(scores.statistics)})
    for strategy, statistics in scores.statistics.items():
        # The array is made flat, because `read_array` reads flat arrays only.
        write_array(folder / f"{strategy}.npy", statistics.reshape(-1))


def read_sentence_scores(folder: Path) -> SentenceScores:
    """Read a folder of BLEU statistics into memory.

    Raises:
        InputError: if a file is missing or was changed, or if the files have different numbers of sentences.
    """
    open_sealed(folder, SENTENCE_SCORES)
    about = read_json(folder / _ABOUT)
    names = about.get("strategies")
    for name in names if isinstance(names, list) else [None]:
        # Names become paths, so a name must not lead out of the folder.
        require_name(name, folder / _ABOUT)
    flat = {name: np.array(read_array(folder / f"{name}.npy", np.int64)) for name in names or ()}
    if len({len(values) for values in flat.values()}) != 1 or any(len(v) % STATISTICS for v in flat.values()):
        expected = f"{STATISTICS} numbers per sentence, and equally many sentences for each strategy"
        raise InputError(folder, expected=expected, found="arrays of different lengths", remedy=REMEDY)
    statistics = {name: values.reshape(-1, STATISTICS) for name, values in flat.items()}
    return SentenceScores(str(about.get("text_sha256")), statistics)
