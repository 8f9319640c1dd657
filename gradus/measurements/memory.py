"""Measure how many tokens back a neural language model remembers."""

from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.evaluation.neural import stream_nats
from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.losses import token_nats
from gradus.measurements.measured import Measured
from gradus.measurements.subject import Subject
from gradus.params import STRICT
from gradus.text.special import PAD_ID
from gradus.text.streams import inputs_and_targets
from gradus.text.token_ids import read_ids


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MemoryConfig:
    """Settings of the measurement `memory`."""

    kind: Literal["memory"]
    tokens: Annotated[int, Field(ge=1, le=10**7)]
    """Number of scored tokens, at evenly spaced positions of the test text."""
    lengths: Annotated[list[Annotated[int, Field(ge=1, le=10**5)]], Field(min_length=1)]
    """Lengths of the shortened context, in tokens, in rising order."""
    threshold: Annotated[float, Field(gt=0, le=100)]
    """Largest cost of a context that is long enough, in nats per token."""

    def __post_init__(self) -> None:
        if sorted(set(self.lengths)) != self.lengths:
            raise ValueError("lengths: different numbers in rising order")


def measure_memory(subject: Subject, config: MemoryConfig) -> Measured:
    """Compare the loss with a shortened context with the loss with the whole earlier text; see `memory_lengths`.

    Raises:
        InputError: if a text or the memory does not suffice.
    """
    model, ids = subject.model.model(torch.device(subject.runtime.device)), read_ids(subject.tokens, "test")
    first = min(config.lengths[-1], len(ids) - 1)  # before this position, the longest context would be cut anyway
    positions = np.unique(np.linspace(first, len(ids) - 1, min(config.tokens, len(ids) - first)).astype(np.int64))
    whole = float(stream_nats(model, ids, subject.scoring)[positions].mean())
    nats = [
        float(shortened_nats(model, ids, positions, length, subject.scoring.batch).mean()) for length in config.lengths
    ]
    return memory_lengths(config, whole, nats)


def memory_lengths(config: MemoryConfig, whole: float, nats: list[float]) -> Measured:
    """Return the result: the losses, their costs, and the memory length.

        cost_k = loss with the last k tokens as the context - loss with the whole earlier text

    The memory length is the smallest k of `config.lengths` from which on every cost is at most the threshold. Without
    such a k, the key is missing. The key `bounded_length` is then twice the largest length, as a lower bound, so that
    logarithms can be averaged; otherwise it equals the memory length.

    Args:
        config: lengths and threshold.
        whole: loss with the whole earlier text, nats per token.
        nats: loss with each of the lengths.
    """
    costs = [each - whole for each in nats]
    enough = [all(cost <= config.threshold for cost in costs[number:]) for number in range(len(costs))]
    found = next((length for length, long in zip(config.lengths, enough, strict=True) if long), None)
    result: Measured = {
        "whole_nats": whole,
        "lengths": [float(length) for length in config.lengths],
        "nats": nats,
        "costs": costs,
        "bounded_length": found or 2 * config.lengths[-1],
    }
    return result if found is None else result | {"memory_length": found}


@torch.inference_mode()
def shortened_nats(
    model: LanguageModel, ids: NDArray[Any], positions: NDArray[np.int64], length: int, batch: int
) -> NDArray[np.float64]:
    """Score tokens of a text with the last `length` tokens as their only context, from the initial state.

    Args:
        model: a language model in evaluation mode.
        ids: token ids of the text, shape (n_tokens,).
        positions: positions of the scored tokens, shape (n,), none below `length - 1`.
        length: number of tokens of the context.
        batch: number of tokens per forward pass.
    Returns:
        Negative log-probability of every scored token, nats, shape (n,).
    """
    inputs, targets = inputs_and_targets(ids)
    device = next(model.parameters()).device
    scores = []
    for part in np.array_split(positions, -(-len(positions) // batch)):
        read = torch.from_numpy(inputs[part[:, None] + np.arange(1 - length, 1)]).to(device)  # (B, length)
        wanted = torch.full_like(read, PAD_ID)  # only the last position counts
        wanted[:, -1] = torch.from_numpy(targets[part]).to(device)
        nats, _ = token_nats(model, read, wanted, model.initial_state(len(read)))
        scores.append(nats[:, -1].cpu().numpy().astype(np.float64))
    return np.concatenate(scores)
