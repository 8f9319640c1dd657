"""Score every line of a text without the earlier lines, with an n-gram model, a neural language model or a mixture.

For n-gram models, this module does not import torch, because the import takes seconds.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gradus.errors import InputError
from gradus.evaluation.cross_entropy import Tally, make_score, make_unnormalised_score, tally
from gradus.families.language_models import LanguageModelFolder
from gradus.families.mixtures import MixtureFolder, has_network
from gradus.families.networks import NeuralFolder
from gradus.families.ngrams import NgramFolder
from gradus.ngram.threads import in_threads
from gradus.results.files import as_json
from gradus.results.score import Score, perplexity
from gradus.text.special import UNK_ID
from gradus.text.token_ids import line_starts
from gradus.text.tokenizers.tokenizer import Tokenizer

if TYPE_CHECKING:
    from gradus.evaluation.neural import ScoringConfig


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
    normalised: bool
    """Whether the scores are probabilities."""


@dataclass(frozen=True)
class TextScore:
    """Score of a text under a language model. The attributes have the names that `gradus score` prints.

    Each line was scored without the other lines, and the end of a line counts as a token.
    """

    every: Tally = Tally(0.0, 0, 0)
    """Sum of the negative log-probabilities of all tokens, and the number of these tokens."""
    known: Tally = Tally(0.0, 0, 0)
    """Sum of the negative log-probabilities of all tokens except UNK, and the number of these tokens. The contexts of
    these tokens can include UNK."""
    characters: int = 0
    """Number of Unicode code points. Newlines are included."""
    normalised: bool = True
    """Whether the scores are probabilities. If not (stupid back-off), the text has no perplexities."""

    @property
    def nats(self) -> float:
        """Sum of `-ln P` over all tokens; infinite if a token has probability zero."""
        return math.inf if self.every.zero_tokens else max(0.0, self.every.nll_nats)  # below 0 by rounding only

    @property
    def tokens(self) -> int:
        """Number of tokens, including one end-of-sentence token per line."""
        return self.every.n_tokens

    @property
    def oov(self) -> int:
        """Number of tokens that are not in the vocabulary, and were read as `<unk>`."""
        return self.every.n_tokens - self.known.n_tokens

    @property
    def perplexity(self) -> float | None:
        """e^(nats / tokens); infinite if a token has probability zero; None if the scores are not probabilities."""
        return perplexity(self._score) if self.normalised else None

    @property
    def perplexity_without_oov(self) -> float | None:
        """The same for the tokens that are in the vocabulary."""
        return perplexity(make_score(self.known)) if self.normalised else None

    @property
    def bits_per_char(self) -> float | None:
        """nats / (ln 2 * characters). None if the text has unknown tokens, whose characters the model cannot tell, if a
        token has probability zero, or if the scores are not probabilities.
        """
        return self._score.bits_per_char if self.normalised else None

    def add(self, block: ScoredBlock) -> "TextScore":
        """Append the lines of `block` to the text; return the score of the longer text."""
        known = tally(block.nats[block.ids != UNK_ID])
        characters = self.characters + len(block.text)
        return TextScore(self.every + tally(block.nats), self.known + known, characters, self.normalised)

    def measures(self) -> dict[str, float | int]:
        """Return the numbers that `gradus score` prints, as a dict from name to number in the printed order.

        If the text has unknown tokens, the dict has no bits per character, because an unknown token does not determine
        its characters. If the scores are not probabilities, the dict has no perplexities.

        Raises:
            RunError: if a perplexity is larger than the largest float.
        """
        numbers = {**as_json(self._score), "oov": self.oov}
        without = make_score(self.known).perplexity if self.normalised else None
        return numbers if without is None else {**numbers, "perplexity_without_oov": without}

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:.6g}" for name, value in self.measures().items())

    @property
    def _score(self) -> Score:
        if not self.normalised:
            return make_unnormalised_score(self.every)
        return make_score(self.every, None if self.oov else self.characters)


def open_scorer(model: LanguageModelFolder, order: int | None) -> Scorer:
    """Return a scorer that uses the given model.

    Args:
        model: an opened model folder.
        order: order of the n-gram model. None selects the highest order. For other models, `order` must be None.
    Raises:
        InputError: if `order` is given for another model, or if the folder has no n-gram model of this order.
    """
    if isinstance(model, NgramFolder):
        ngrams = model.model(order or model.orders[-1])
        return Scorer(lambda ids: -ngrams.log_probs(ids), ngrams.is_distribution)
    if order is not None:
        family = "a mixture" if isinstance(model, MixtureFolder) else "a neural model"
        found, remedy = f"{family} ({model.kind})", "leave out --order"
        raise InputError("--order", expected="an n-gram model", found=found, remedy=remedy)
    return _mixture_scorer(model) if isinstance(model, MixtureFolder) else _network_scorer(model)


def _network_scorer(model: NeuralFolder) -> Scorer:
    import torch

    from gradus.evaluation.neural import line_nats

    network = model.model(torch.device("cpu"))
    return Scorer(lambda ids: line_nats(network, ids, _scoring(ids)), normalised=True)


def _mixture_scorer(model: MixtureFolder) -> Scorer:
    from gradus.evaluation.mixtures.scores import mixture_nats
    from gradus.evaluation.mixtures.setup import Setup

    if model.kind == "linear" and not has_network(model.models):  # needs no torch
        return Scorer(lambda ids: mixture_nats(model, ids, "line", None), normalised=True)
    import torch

    device = torch.device("cpu")
    return Scorer(lambda ids: mixture_nats(model, ids, "line", Setup(_scoring(ids), device)), normalised=True)


def _scoring(ids: NDArray[Any]) -> "ScoringConfig":
    """Return the settings of networks for one call."""
    from gradus.evaluation.neural import ScoringConfig

    # single lines need only `batch`; `stride` and `chunk` are settings for running text, so their values do not matter
    return ScoringConfig(stride=1, chunk=1024, batch=_lines_per_call(ids))


def _lines_per_call(ids: NDArray[Any]) -> int:
    """Return the number of lines to score in one call: 64, or fewer if the longest line has more than 1024 tokens."""
    # All lines of a call are padded to the longest line, and every token needs logits over the whole vocabulary. So the
    # memory of a call is bounded by 2^16 padded tokens.
    return max(1, min(64, 2**16 // int(np.diff(line_starts(ids)).max())))


def score_blocks(blocks: Iterable[bytes], tokenizer: Tokenizer, scorer: Scorer) -> Iterator[ScoredBlock]:
    """Yield the lines of a text with their scores, one block of lines at a time.

    Args:
        blocks: UTF-8 text from `read_blocks` or `text_blocks`. The size of the blocks is `block_size`.
        tokenizer: the tokenizer of the model.
        scorer: the model.
    Raises:
        InputError: if the text is malformed, or a line does not fit into memory.
    """

    def scored(block: bytes) -> ScoredBlock:
        ids = tokenizer.encode_block(block)
        return ScoredBlock(block.decode(), ids, scorer.nats(ids), scorer.normalised)

    # Threads help, because the compiled loops release Python's interpreter lock: one thread can tokenize a block while
    # another thread scores a block.
    return in_threads(scored, blocks)


def block_size(vocabulary_size: int) -> int:
    """Return the number of bytes in a block of text that is scored in one call.

    An n-gram model reads its whole vocabulary once per block, so blocks must grow with the vocabulary to keep this cost
    small.
    """
    return min(2**22, max(2**19, 24 * vocabulary_size))
