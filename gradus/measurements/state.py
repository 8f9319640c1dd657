"""Measure what a language model gains from a state that is carried through the text."""

from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.errors import InputError
from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.losses import token_nats
from gradus.measurements.file import Measured
from gradus.measurements.subject import Subject
from gradus.memory import require_memory
from gradus.params import STRICT
from gradus.runtime import free_memory
from gradus.text.special import PAD_ID
from gradus.text.streams import chunks, inputs_and_targets
from gradus.text.token_ids import read_ids


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StateConfig:
    """Settings of the measurement `state`. `batch` and `columns` change results only by rounding errors."""

    kind: Literal["state"]
    chunks: Annotated[list[Annotated[int, Field(ge=1, le=10**9)]], Field(min_length=1, max_length=100)]
    """Numbers of tokens after which the state is reset."""
    batch: Annotated[int, Field(ge=1, le=10**9)]
    """Number of chunks that the model reads side by side."""
    columns: Annotated[int, Field(ge=1, le=10**9)]
    """Number of tokens of each chunk that the model reads in one forward pass."""


def measure_state(subject: Subject, config: StateConfig) -> Measured:
    """Score the test text with the state carried through, and with the state reset after every chunk.

    The first input of a chunk is the last token of the chunk before it. A Transformer's state is its window, which
    starts empty after a reset.

    Returns:
        `carried_nats`: nats per token with the state carried from the first token to the last. `chunks`: the lengths
        of the chunks, in tokens. `reset_nats`: nats per token with the initial state at the start of every chunk.
    Raises:
        InputError: if the test text is empty, or a forward pass does not fit into memory.
    """
    ids = read_ids(subject.tokens, "test")
    if not len(ids):
        raise InputError(subject.tokens, expected="a test text", found="an empty text", remedy="check the corpus")
    model = subject.model.model(torch.device(subject.runtime.device))
    carried, *reset = (reset_nats(model, ids, chunk, config) / len(ids) for chunk in (len(ids), *config.chunks))
    return {"carried_nats": carried, "chunks": [*config.chunks], "reset_nats": reset}


@torch.inference_mode()
def reset_nats(model: LanguageModel, ids: NDArray[Any], chunk: int, config: StateConfig) -> float:
    """Return the total nats of a text whose state is reset before every chunk of `chunk` tokens."""
    width = min(chunk, len(ids))
    rows = -(-len(ids) // width)  # rounded up
    padded = (np.pad(flat, (0, rows * width - len(ids)), constant_values=PAD_ID) for flat in inputs_and_targets(ids))
    inputs, targets = (torch.from_numpy(flat.reshape(rows, width)) for flat in padded)
    total = 0.0
    for some in zip(torch.split(inputs, config.batch), torch.split(targets, config.batch), strict=True):
        state = model.initial_state(len(some[0]))
        device = state[0].device
        sizes = {"batch": len(some[0]), "columns": min(config.columns, width)}
        # The inputs and the outputs of a layer take 8 H bytes per token.
        require_memory(sizes, lambda *shape: 8 * model.output.width * int(np.prod(shape)), free_memory(device))
        for read, predicted in chunks(*some, config.columns):
            nats, state = token_nats(model, read.to(device), predicted.to(device), state)
            total += nats.sum(dtype=torch.float64).item()
    return total
