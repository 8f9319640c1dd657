"""Build a standalone n-gram model from a text file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gradus.allocation import Allocate, in_memory
from gradus.corpora.files import read_blocks, read_lines
from gradus.errors import InputError
from gradus.inference.standalone_ngrams import StandaloneModel
from gradus.ngram.counting.counts import Counts, count_ngrams
from gradus.ngram.smoothing.fit import Fit, fit
from gradus.ngram.smoothing.modified_kneser_ney import ModifiedKneserNey
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import Integers
from gradus.progress import Track, silent
from gradus.text.tokenizers.words import WordTokenizer, encode_words


@dataclass(frozen=True)
class BuildPlan:
    """The model to build."""

    smoother: Smoother
    order: int
    """Words of the longest n-gram."""
    held_out: Path | None = None
    """Text for smoothers that fit parameters on a validation text."""
    lmplz: bool = False
    """Whether the discounts of modified Kneser-Ney must equal those of KenLM's lmplz to the last digit."""

    def __post_init__(self) -> None:
        """Refuse lmplz's discounts for other smoothers, before a text is counted for minutes.

        Raises:
            InputError: if the smoother is not modified Kneser-Ney.
        """
        if self.lmplz and not isinstance(self.smoother, ModifiedKneserNey):
            expected, found = "modified_kneser_ney", self.smoother.kind
            raise InputError("lmplz", expected=expected, found=found, remedy="leave it out")


def build_ngrams(text: Path, plan: BuildPlan, allocate: Allocate = in_memory, track: Track = silent) -> StandaloneModel:
    """Build a model whose vocabulary is all words of the text.

    Args:
        text: one sentence a line, words separated by white space; plain or compressed by gzip.
        plan: the model.
        allocate: allocates large arrays, which must exist until the model is written.
        track: shows the progress.
    Raises:
        InputError: if a text cannot be read, or the smoother needs a validation text and there is none.
    """
    tokenizer, ids = encode_words(read_blocks(text), text, allocate, track)
    counts = count_ngrams(ids, order=plan.order, vocabulary_size=tokenizer.size, allocate=allocate, track=track)
    fitted = _fit(plan, counts, ids, tokenizer)
    return StandaloneModel(fitted.model(plan.order), tokenizer, fitted.notes())


def _fit(plan: BuildPlan, counts: Counts, ids: Integers, tokenizer: WordTokenizer) -> Fit:
    if plan.lmplz and isinstance(plan.smoother, ModifiedKneserNey):
        return Fit(plan.smoother, counts, plan.smoother.fit_like_lmplz(counts, ids, [plan.order]))
    no_ids = np.empty(0, np.int32)
    held_out = no_ids if plan.held_out is None else tokenizer.encode_lines(read_lines(plan.held_out))
    return fit(plan.smoother, counts, held_out, [plan.order])
