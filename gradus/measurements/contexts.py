"""Measure how an n-gram model scores tokens after seen and after unseen histories."""

from dataclasses import dataclass as plain_dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.errors import InputError
from gradus.measurements.file import Measured
from gradus.measurements.ngram_subject import NgramSubject
from gradus.ngram.scoring.model import line_depth, seen_words
from gradus.params import STRICT
from gradus.text.token_ids import line_starts, read_ids

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ContextsConfig:
    """Settings of the measurement `contexts`."""

    kind: Literal["contexts"]
    block: Annotated[int, Field(ge=1, le=10**9)]
    """Number of test lines in a block. The last block may have fewer."""


@plain_dataclass(frozen=True)
class Tokens:
    """The test tokens and their scores, and where the blocks begin."""

    nats: NDArray[np.float64]
    """Negative log score of every token, nats; 0 where the probability is zero. Shape (n_tokens,)."""
    zeros: Flags
    """Whether the probability is zero, shape (n_tokens,)."""
    begins: NDArray[np.int64]
    """First token of every block."""

    def sums(self, values: NDArray[np.float64] | Flags, where: Flags) -> list[float]:
        """Sum values over the chosen tokens of every block."""
        return [float(each) for each in np.add.reduceat(np.where(where, values, 0.0), self.begins)]

    def mean(self, where: Flags) -> float | None:
        """Return the nats per token of the chosen tokens; None if there are none, or one has probability zero."""
        return float(self.nats[where].mean()) if where.any() and not self.zeros[where].any() else None


def measure_contexts(subject: NgramSubject, config: ContextsConfig) -> Measured:
    """Compare the scores of the model of the highest order N after seen histories with those after unseen histories.

    The history of order n of a token is the n - 1 tokens before it; near the start of a line it is shorter and begins
    with BOS. It is seen if the model stores it as an n-gram; without pruning, these are all n-grams of the training
    text. Only the text is grouped by n: all scores are those of the model of order N. The scores of stupid back-off
    are not probabilities.

    Returns:
        For every order n from 2 to N: `seen_share_n`, the share of tokens with a seen history of order n; `seen_nats_n`
        and `unseen_nats_n`, nats per token after seen and unseen histories. The same without `_n` for order N. A mean
        over no tokens, or over a token with probability zero, has no key.
        For every order n from 1 to N: `unseen_share_n`, the share of tokens whose own n-gram is unseen;
        `blocks_unseen_n`, the number of these tokens in every block.
        `tokens`, `zero_tokens_seen`, `zero_tokens_unseen`: number of tokens, and of those with probability zero.
        In lists by block: `blocks_tokens`; for seen and for unseen histories of order N, `blocks_seen_tokens`,
        `blocks_seen_nats` (the sum over tokens whose probability is above zero), `blocks_seen_zeros`.
    Raises:
        InputError: if the test text is empty.
    """
    ids = read_ids(subject.tokens, "test")
    if not len(ids):
        raise InputError(subject.tokens, expected="a test text", found="an empty text", remedy="check the corpus")
    model = subject.model.model()
    scores = -model.log_probs(ids)
    zeros = np.isposinf(scores)
    tokens = Tokens(np.where(zeros, 0.0, scores), zeros, line_starts(ids)[:-1][:: config.block])
    lengths, depth, every = seen_words(model, ids), line_depth(ids), np.ones(len(ids), dtype=bool)
    measured: Measured = {"tokens": len(ids), "blocks_tokens": tokens.sums(every, every)}
    for order in range(1, model.order + 1):
        unseen = lengths < np.minimum(order, depth + 1)
        measured[f"unseen_share_{order}"] = float(unseen.mean())
        measured[f"blocks_unseen_{order}"] = tokens.sums(unseen, every)
    for order in range(2, model.order + 1):
        measured |= _split(tokens, seen_histories(lengths, depth, order), f"_{order}")
    seen = seen_histories(lengths, depth, model.order)
    return measured | _split(tokens, seen, "") | _blocks(tokens, "seen", seen) | _blocks(tokens, "unseen", ~seen)


def seen_histories(lengths: NDArray[np.int64], depth: NDArray[np.int64], order: int) -> Flags:
    """For each token, say whether the training text has the token's history of an order; shape (n_tokens,).

    Args:
        lengths: result of `seen_words`.
        depth: result of `line_depth`.
        order: n; the history has n - 1 tokens, or fewer near the start of a line.
    """
    # The history of a line's first token is BOS, which every line has.
    before = np.where(depth == 1, 1, np.concatenate([[0], lengths[:-1]]))
    return np.asarray(before >= np.minimum(order - 1, depth))


def _split(tokens: Tokens, seen: Flags, ending: str) -> Measured:
    means = {"seen_nats": tokens.mean(seen), "unseen_nats": tokens.mean(~seen)}
    found = {f"{key}{ending}": mean for key, mean in means.items() if mean is not None}
    return {f"seen_share{ending}": float(seen.mean()), **found}


def _blocks(tokens: Tokens, name: str, where: Flags) -> Measured:
    return {
        f"zero_tokens_{name}": int(tokens.zeros[where].sum()),
        f"blocks_{name}_tokens": tokens.sums(where, where),
        f"blocks_{name}_nats": tokens.sums(tokens.nats, where),
        f"blocks_{name}_zeros": tokens.sums(tokens.zeros, where),
    }
