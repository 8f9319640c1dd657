"""Split the loss of an n-gram model by whether training has seen the history of a token."""

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.measurements.measured import Measured
from gradus.measurements.ngram_subject import NgramSubject
from gradus.ngram.scoring.lookup import match
from gradus.ngram.scoring.model import NgramModel, history_lengths, line_depth
from gradus.params import STRICT
from gradus.text.token_ids import line_starts, read_ids


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ContextsConfig:
    """Settings of the measurement `contexts`."""

    kind: Literal["contexts"]
    block: Annotated[int, Field(ge=1, le=10**6)]
    """Number of test lines in a block, for intervals over blocks of text."""


def measure_contexts(subject: NgramSubject, config: ContextsConfig) -> Measured:
    """Score the test text with the model of the highest order N; split the loss by history; see `split_by_history`."""
    model, ids = subject.model.model(), read_ids(subject.tokens, "test")
    lines = line_starts(ids)[:-1]
    return split_by_history(model, ids, lines[:: config.block])


def seen_histories(model: NgramModel, ids: NDArray[Any]) -> NDArray[np.bool_]:
    """Return for every token whether the N - 1 words before it occur in the training text in this order.

    Near the start of a line the history is shorter and begins with BOS. The model must store all n-grams of the
    training text.
    """
    stored = history_lengths(model.trie, ids, match(model.trie, ids))
    return np.asarray(stored >= np.minimum(line_depth(ids), model.order - 1))


def split_by_history(model: NgramModel, ids: NDArray[Any], blocks: NDArray[np.int64]) -> Measured:
    """Sum the loss over the tokens with a seen history, and over those with an unseen history.

    Args:
        model: n-gram model of order N.
        ids: token ids of a text, shape (n_tokens,).
        blocks: first position of every block of the text.
    Returns:
        `seen_share`: tokens with a seen history, divided by all tokens. `entries`: number of distinct n-grams of every
        order; `growth_n`: entries of order n divided by those of order n - 1. For PART `seen` and `unseen`:
        `PART_tokens`; `PART_zero_tokens`, the number of tokens with probability zero; `PART_nats`, the loss in nats per
        token over the other tokens, if there are any; and the lists `PART_blocks_tokens` and `PART_blocks_nats` with
        the sums in each block.
    """
    nats, seen = -model.log_probs(ids), seen_histories(model, ids)
    entries = np.diff(model.trie.firsts).tolist()
    result: Measured = {"seen_share": float(seen.mean()), "entries": [float(count) for count in entries]}
    result |= {f"growth_{n}": entries[n - 1] / entries[n - 2] for n in range(2, len(entries) + 1)}
    for part, chosen in (("seen", seen), ("unseen", ~seen)):
        finite = chosen & np.isfinite(nats)
        sums = np.add.reduceat(np.where(finite, nats, 0.0), blocks)
        counts = np.add.reduceat(finite, blocks, dtype=np.int64)
        result[f"{part}_tokens"] = int(chosen.sum())
        result[f"{part}_zero_tokens"] = int(chosen.sum() - finite.sum())
        if counts.sum():
            result[f"{part}_nats"] = float(sums.sum() / counts.sum())
        result[f"{part}_blocks_nats"] = sums.tolist()
        result[f"{part}_blocks_tokens"] = [float(count) for count in counts]
    return result
