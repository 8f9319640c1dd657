"""Measure what a language model loses if its state is reset while it reads a text."""

from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

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
class StateConfig:
    """Settings of the measurement `state`."""

    kind: Literal["state"]
    chunk: Annotated[int, Field(ge=1, le=10**6)]
    """Number of tokens after which the state is reset."""


def measure_state(subject: Subject, config: StateConfig) -> Measured:
    """Score the test text with the state carried on, and with the state reset after every chunk.

    Returns:
        `carried_nats` and `reset_nats`, in nats per token, and `gain_nats`, their difference.
    """
    model, ids = subject.model.model(torch.device(subject.runtime.device)), read_ids(subject.tokens, "test")
    carried = float(stream_nats(model, ids, subject.scoring).mean())
    reset = float(reset_nats(model, ids, config.chunk, subject.scoring.batch).mean())
    return {"carried_nats": carried, "reset_nats": reset, "gain_nats": reset - carried}


@torch.inference_mode()
def reset_nats(model: LanguageModel, ids: NDArray[Any], chunk: int, batch: int) -> NDArray[np.float64]:
    """Score a text in chunks that all begin with the initial state; the first input of a chunk is the token before it.

    Args:
        model: a language model in evaluation mode.
        ids: token ids of the text, shape (n_tokens,).
        chunk: number of tokens in a chunk.
        batch: number of chunks per forward pass.
    Returns:
        Negative log-probability of every token, nats, shape (n_tokens,).
    """
    device = next(model.parameters()).device
    rows = -(-len(ids) // chunk)
    inputs, targets = (_rows(flat, rows, chunk).to(device) for flat in inputs_and_targets(ids))
    scores = []
    for begin in range(0, rows, batch):
        read, wanted = inputs[begin : begin + batch], targets[begin : begin + batch]
        scores.append(token_nats(model, read, wanted, model.initial_state(len(read)))[0])
    return torch.cat(scores).flatten()[: len(ids)].cpu().numpy().astype(np.float64)


def _rows(flat: NDArray[np.int64], rows: int, chunk: int) -> Tensor:
    """Cut token ids into rows of one chunk each; PAD fills the last row."""
    table = np.full(rows * chunk, PAD_ID, dtype=np.int64)
    table[: len(flat)] = flat
    return torch.from_numpy(table.reshape(rows, chunk))
