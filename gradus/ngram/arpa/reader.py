"""Read an ARPA file of KenLM, SRILM or another toolkit, plain or compressed by gzip.

This reader accepts all variants that these toolkits accept: any blanks between fields, rows in any order, and
rows without a back-off weight.
"""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gradus.errors import InputError
from gradus.ngram.arpa.mass import MOST, Mass, largest_masses
from gradus.ngram.arpa.ngram_list import EntryError, NgramList, build_trie, histories_of, words_of
from gradus.ngram.arpa.sections import read_sections
from gradus.ngram.arpa.text_file import count_blocks, locate, open_arpa, quoted, read_blocks, read_header
from gradus.ngram.arpa.vocabulary import Vocabulary
from gradus.ngram.scoring.model import NgramModel, lengths_of
from gradus.ngram.trie import ROOT
from gradus.progress import Track, silent
from gradus.text.special import BOS_ID, PAD_ID, UNK_ID


@dataclass(frozen=True)
class ArpaModel:
    """The content of an ARPA file."""

    model: NgramModel
    """Model of kind `arpa`. It treats all words except PAD, UNK and BOS as words of the training text."""
    pieces: list[str]
    """The piece of every id: the special pieces first, then the other words in the order of the file's 1-grams."""
    warnings: list[str]
    """Warnings about doubtful values in the file."""


def read_arpa(path: Path, track: Track = silent) -> ArpaModel:
    """Read a model in ARPA format.

    -99 and -inf both stand for the logarithm of zero. If a row has no back-off weight, the weight is 1. The probability
    of BOS is zero, even if the file contains a different value. If the suffix of an n-gram is missing, the reader adds
    the suffix with the probability that the model computes by backing off, so the scores do not change. If <unk> is
    missing, its probability is 1e-100.

    Args:
        path: the file. Its first bytes show whether it is compressed.
        track: shows a progress bar over blocks of the file.
    Raises:
        InputError: if the file is broken. The error names the line.
    """
    try:
        with open_arpa(path) as file:
            sizes = read_header(path, file)
            blocks = track(read_blocks(path, file), "reading", count_blocks(path))
            orders, vocabulary = read_sections(path, sizes, blocks)
        arpa = _build_model(orders, vocabulary)
        return replace(arpa, warnings=[*arpa.warnings, *_mass_warnings(path, arpa)])
    except EntryError as error:
        # rows are parsed in blocks without line numbers; counting lines again only for errors keeps parsing fast
        number, line = locate(path, error.order, error.row)
        where, found = f"{path}: line {number}", error.found or quoted(line)
        raise InputError(where, expected=error.expected, found=found, remedy=error.remedy) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            path, expected="a complete gzip file", found=str(error), remedy="make the file again"
        ) from None
    except OSError as error:
        raise InputError(
            path, expected="an ARPA file", found=str(error), remedy="name a file that can be read"
        ) from None


def _build_model(orders: Sequence[NgramList], vocabulary: Vocabulary) -> ArpaModel:
    size = len(vocabulary.pieces)
    for ngrams in orders:
        # other toolkits write any number for p(BOS), which must not become a probability
        ngrams.log_probs[ngrams.words[:, -1] == BOS_ID] = -np.inf
    warnings = list(vocabulary.warnings)
    unused = np.count_nonzero(orders[-1].backoff)
    if unused:
        # the manifest of an imported model contains these warnings
        warnings.append(f"{unused} {len(orders)}-grams have a back-off weight, which the highest order does not use")
    trie, tables = build_trie(orders, size)
    observed = ~np.isin(np.arange(size), [PAD_ID, UNK_ID, BOS_ID])
    return ArpaModel(NgramModel("arpa", trie, tables, observed, 1.0), vocabulary.pieces, warnings)


def _mass_warnings(path: Path, arpa: ArpaModel) -> list[str]:
    """Return a warning if the probabilities after some history sum to more than 1.

    Raises:
        InputError: if the words whose n-gram is not listed have probabilities that sum to more than 1 after some
            history. Then the back-off weight of this history must be wrong.
    """
    total, unseen = largest_masses(arpa.model.trie, arpa.model.tables)
    if unseen.value > MOST:
        expected = "back-off weights that give probabilities with a sum of at most 1"
        found = (
            f"probabilities {_after(arpa, unseen)} that sum to {unseen.value:.3g} over words whose n-gram is not listed"
        )
        remedy = "correct the back-off weights, which must be decimal logarithms, or make the file again"
        raise InputError(path, expected=expected, found=found, remedy=remedy)
    if total.value <= MOST:
        return []
    return [f"the probabilities {_after(arpa, total)} sum to {total.value:.3g}, so perplexities are too low"]


def _after(arpa: ArpaModel, mass: Mass) -> str:
    """Return \"after 'HISTORY'\" for a message, or \"of the 1-grams\" if the history is empty."""
    trie = arpa.model.trie
    node = np.array([mass.node])
    words = words_of(trie, histories_of(trie), node, int(lengths_of(trie, node)[0]))[0]
    return f"after {' '.join(arpa.pieces[word] for word in words)!r}" if mass.node != ROOT else "of the 1-grams"
