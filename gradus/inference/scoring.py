"""Score a text file by a language model of any family, every line by itself.

n-gram models are scored without torch.
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
    """An opened model as a function from token ids to scores."""

    nats: Callable[[NDArray[Any]], NDArray[np.float64]]
    """Returns -ln P of every token, (n_tokens,), every line by itself."""
    normalised: bool
    """Whether the scores are probabilities. Those of stupid back-off are not, so they have no perplexity."""


@dataclass(frozen=True)
class ScoredBlock:
    """Some lines of a text with their scores."""

    text: str
    """The lines, each with its newline."""
    ids: NDArray[Any]
    """Token ids with EOS after every line, (n_tokens,)."""
    nats: NDArray[np.float64]
    """-ln P of every token, (n_tokens,)."""


@dataclass(frozen=True)
class TextScore:
    """Sums over a text."""

    every: Tally = Tally(0.0, 0, 0)
    """Cost of all tokens."""
    known: Tally = Tally(0.0, 0, 0)
    """Cost of the tokens that are not UNK; UNK stays in their contexts."""
    characters: int = 0
    """Code points, newlines included."""

    def add(self, block: ScoredBlock) -> "TextScore":
        """Return the sums with one more block."""
        known = tally(block.nats[block.ids != UNK_ID])
        return TextScore(self.every + tally(block.nats), self.known + known, self.characters + len(block.text))

    def measures(self, normalised: bool) -> dict[str, float | int]:
        """Return numbers by their names, in the order in which they are printed.

        Bits per character are left out if the text has UNK, which stands for any number of characters.

        Raises:
            RunError: as `gradus.evaluation.cross_entropy.perplexity`.
        """
        unknown = self.every.n_tokens - self.known.n_tokens
        if not normalised:
            return {**as_json(make_unnormalised_score(self.every)), "oov": unknown}
        without = make_score(self.known).perplexity
        numbers = {**as_json(make_score(self.every, None if unknown else self.characters)), "oov": unknown}
        return numbers if without is None else {**numbers, "perplexity_without_oov": without}


def open_scorer(model: NgramFolder | NeuralFolder, order: int | None) -> Scorer:
    """Return the scorer of a model.

    Args:
        order: order of an n-gram model; None for the highest.
    Raises:
        InputError: if the model is a network and an order is given, or no n-gram model of this order was fitted.
    """
    if isinstance(model, NgramFolder):
        ngrams = model.model(order or model.orders[-1])
        return Scorer(lambda ids: -ngrams.log_probs(ids), ngrams.is_distribution)
    if order is not None:
        raise InputError(
            "--order", expected="an n-gram model", found=f"a network ({model.kind})", remedy="leave it out"
        )
    return _network_scorer(model)


def _network_scorer(model: NeuralFolder) -> Scorer:
    import torch

    from gradus.evaluation.neural import ScoringConfig, line_nats

    network = model.model(torch.device("cpu"))
    # Scoring by line uses `batch` only; stride and chunk are for running text.
    return Scorer(
        lambda ids: line_nats(network, ids, ScoringConfig(stride=1, chunk=1024, batch=_side_by_side(ids))),
        normalised=True,
    )


def _side_by_side(ids: NDArray[Any]) -> int:
    """Return how many lines to score in one call: 64, or fewer where long lines would fill the memory."""
    # All lines are padded to the longest, so 64 * longest tokens need logits over the whole vocabulary.
    return max(1, min(64, 2**16 // int(np.diff(line_starts(ids)).max())))


def score_text(file: Path, tokenizer: Tokenizer, scorer: Scorer) -> Iterator[ScoredBlock]:
    """Yield the lines of a text with their scores, one block at a time.

    Raises:
        InputError: if the file cannot be read as text, or a line does not fit into memory.
    """

    def scored(block: bytes) -> ScoredBlock:
        ids = tokenizer.encode_block(block)
        return ScoredBlock(block.decode(), ids, scorer.nats(ids))

    # Tokenizing one block overlaps with scoring another: the compiled loops release the interpreter.
    return in_threads(scored, read_blocks(file, size=block_size(tokenizer.size)))


def block_size(vocabulary_size: int) -> int:
    """Return the bytes of text to score at once.

    An n-gram model looks at its whole vocabulary once per block, so a larger vocabulary needs larger blocks.
    """
    return min(2**22, max(2**19, 24 * vocabulary_size))
