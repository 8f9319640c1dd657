"""Score every line of a text file without the earlier lines, with an n-gram model or a neural language model.

This module imports torch only for neural models, because the import takes seconds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.corpora.files import read_blocks
from gradus.errors import InputError
from gradus.evaluation.cross_entropy import Tally, make_score, make_unnormalised_score, tally
from gradus.families.networks import NeuralFolder
from gradus.families.ngrams import NgramFolder
from gradus.ngram.threads import in_threads
from gradus.results.files import as_json
from gradus.text.special import UNK_ID
from gradus.text.token_ids import line_starts
from gradus.text.tokenizers.tokenizer import Tokenizer


@dataclass(frozen=True)
class Scorer:
    """Function that scores token ids with a language model, and whether the scores are probabilities."""

    nats: Callable[[NDArray[Any]], NDArray[np.float64]]
    """Function from the token ids of lines to `-ln P` of every token, shape (n_tokens,). Every line ends with EOS. The
    context of a token consists of the earlier tokens of its line."""
    normalised: bool
    """Whether the scores are probabilities. The scores of stupid back-off are not probabilities, so stupid
    back-off has no perplexity."""


@dataclass(frozen=True)
class ScoredBlock:
    """Several consecutive lines of a text with their scores."""

    text: str
    """The lines, each with its newline."""
    ids: NDArray[Any]
    """Token ids of the lines, shape (n_tokens,). Every line ends with EOS."""
    nats: NDArray[np.float64]
    """The cost `-ln P` of every token, shape (n_tokens,)."""


@dataclass(frozen=True)
class TextScore:
    """Score of a text: sums of negative log-probabilities, numbers of tokens, and the number of characters."""

    every: Tally = Tally(0.0, 0, 0)
    """Sum of the negative log-probabilities of all tokens, and the number of these tokens."""
    known: Tally = Tally(0.0, 0, 0)
    """Sum of the negative log-probabilities of all tokens except UNK, and the number of these tokens. The contexts of
    these tokens can include UNK."""
    characters: int = 0
    """Number of Unicode code points. Newlines are included."""

    def add(self, block: ScoredBlock) -> "TextScore":
        """Append the lines of `block` to the text; return the score of the longer text."""
        known = tally(block.nats[block.ids != UNK_ID])
        return TextScore(self.every + tally(block.nats), self.known + known, self.characters + len(block.text))

    def measures(self, normalised: bool) -> dict[str, float | int]:
        """Return the numbers that `gradus score` prints, as a dict from name to number in the printed order.

        If the text has unknown tokens, the dict has no bits per character, because an unknown token does not determine
        its characters.

        Args:
            normalised: whether the scores are probabilities. If not, the dict has no perplexities.
        Raises:
            RunError: if a perplexity is larger than the largest float.
        """
        unknown = self.every.n_tokens - self.known.n_tokens
        if not normalised:
            return {**as_json(make_unnormalised_score(self.every)), "oov": unknown}
        without = make_score(self.known).perplexity
        numbers = {**as_json(make_score(self.every, None if unknown else self.characters)), "oov": unknown}
        return numbers if without is None else {**numbers, "perplexity_without_oov": without}


def open_scorer(model: NgramFolder | NeuralFolder, order: int | None) -> Scorer:
    """Return a scorer that uses the given model.

    Args:
        model: an opened model folder.
        order: order of the n-gram model. None selects the highest order. For a neural model, `order` must be None.
    Raises:
        InputError: if `order` is given for a neural model, or if the folder has no n-gram model of this order.
    """
    if isinstance(model, NgramFolder):
        ngrams = model.model(order or model.orders[-1])
        return Scorer(lambda ids: -ngrams.log_probs(ids), ngrams.is_distribution)
    if order is not None:
        raise InputError(
            "--order", expected="an n-gram model", found=f"a neural model ({model.kind})", remedy="leave out --order"
        )
    return _network_scorer(model)


def _network_scorer(model: NeuralFolder) -> Scorer:
    import torch

    from gradus.evaluation.neural import ScoringConfig, line_nats

    network = model.model(torch.device("cpu"))
    # `line_nats` uses only `batch`; `stride` and `chunk` are settings for running text, so their values do not matter.
    return Scorer(
        lambda ids: line_nats(network, ids, ScoringConfig(stride=1, chunk=1024, batch=_lines_per_call(ids))),
        normalised=True,
    )


def _lines_per_call(ids: NDArray[Any]) -> int:
    """Return the number of lines to score in one call: 64, or fewer if the longest line has more than 1024 tokens."""
    # All lines of a call are padded to the longest line, and every token needs logits over the whole vocabulary. So the
    # memory of a call is bounded by 2^16 padded tokens.
    return max(1, min(64, 2**16 // int(np.diff(line_starts(ids)).max())))


def score_text(file: Path, tokenizer: Tokenizer, scorer: Scorer) -> Iterator[ScoredBlock]:
    """Yield the lines of a text file with their scores, one block of lines at a time.

    Raises:
        InputError: if the file cannot be read as text, or a line does not fit into memory.
    """

    def scored(block: bytes) -> ScoredBlock:
        ids = tokenizer.encode_block(block)
        return ScoredBlock(block.decode(), ids, scorer.nats(ids))

    # Threads help, because the compiled loops release Python's interpreter lock: one thread can tokenize a block while
    # another thread scores a block.
    return in_threads(scored, read_blocks(file, size=block_size(tokenizer.size)))


def block_size(vocabulary_size: int) -> int:
    """Return the number of bytes in a block of text that is scored in one call.

    An n-gram model reads its whole vocabulary once per block, so blocks must grow with the vocabulary to keep this cost
    small.
    """
    return min(2**22, max(2**19, 24 * vocabulary_size))
