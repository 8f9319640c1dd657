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
    """Settings for building an n-gram model."""

    smoother: Smoother
    order: int
    """Number of words of the longest n-gram."""
    held_out: Path | None = None
    """Validation text, which some smoothers need to fit parameters."""
    lmplz: bool = False
    """Whether modified Kneser-Ney must use exactly the discounts of `lmplz`, a program of KenLM."""

    def __post_init__(self) -> None:
        """Raise InputError if `lmplz` is set for a smoother that is not modified Kneser-Ney."""
        # checked here, because counting a long text before an error would waste minutes
        if self.lmplz and not isinstance(self.smoother, ModifiedKneserNey):
            expected, found = "modified_kneser_ney", self.smoother.kind
            raise InputError("lmplz", expected=expected, found=found, remedy="remove this option")


def build_ngrams(text: Path, plan: BuildPlan, allocate: Allocate = in_memory, track: Track = silent) -> StandaloneModel:
    """Build an n-gram model. Its vocabulary consists of all words of the text.

    Args:
        text: text file, plain or compressed by gzip. Each line is a sentence; white space separates words.
        plan: settings of the model.
        allocate: allocator for large arrays. The arrays must exist until the model is written.
        track: shows a progress bar.
    Raises:
        InputError: if a text cannot be read, or the smoother needs a validation text and `plan` has none.
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
