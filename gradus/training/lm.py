"""What a language model learns from: lanes of running text, read in chunks with the state carried over."""

import math
from collections.abc import Iterator
from typing import Annotated, Any

import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.losses import cross_entropy
from gradus.interfaces.state import State, detach
from gradus.params import STRICT
from gradus.text.special import PAD_ID
from gradus.text.streams import chunks, lanes, rotated
from gradus.training.optim import TrainingConfig
from gradus.training.training_memory import floats_per_token, require_training_memory

Chunk = tuple[Tensor, Tensor]
"""Inputs and targets, int64 (B, T)."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LMTrainingConfig(TrainingConfig):
    """A `training` of `train_lm` in params.yaml."""

    batch: Annotated[int, Field(ge=1, le=10**9)]
    """B, lanes read side by side."""
    chunk: Annotated[int, Field(ge=1, le=10**9)]
    """T, tokens between two cuts of the gradient."""
    carry_state: bool
    """Whether a chunk begins with the state that the one before it left, or with zero."""


class LMTask:
    """Truncated backpropagation through time, as a task of `gradus.training.loop.train`.

    Chunk k of every lane is read with the state of chunk k - 1, detached: the state goes on, the gradient
    does not. Every epoch begins the text at another line, drawn from seed and epoch alone.

    Source: Williams and Peng (1990), An efficient gradient-based algorithm for on-line training of
    recurrent network trajectories; Mikolov et al. (2010).
    """

    def __init__(
        self, model: LanguageModel, train: NDArray[Any], valid: NDArray[Any], config: LMTrainingConfig, *, seed: int
    ) -> None:
        """Prepare both texts.

        Args:
            model: on the device to train on.
            train: token ids of the training text.
            valid: token ids of the validation text.
            config: lanes, chunks, carried state.
            seed: of the epochs' beginnings.
        Raises:
            InputError: if the training does not fit into memory.
        """
        self.model, self.config, self.seed = model, config, seed
        self.device = next(model.parameters()).device
        self.uniform_nats = math.log(model.vocabulary_size - 2)  # without PAD and BOS
        self._require_memory(len(train))
        self.train = train
        self.valid = [part.to(self.device) for part in lanes(valid, config.batch)]
        self.steps_per_epoch = -(-lanes(train, config.batch)[0].shape[1] // config.chunk)
        self.state: State = ()

    def _require_memory(self, n_tokens: int) -> None:
        types, layers = floats_per_token(self.model, self.model.vocabulary_size)
        batch = min(self.config.batch, n_tokens)
        sizes = {"training.batch": batch, "training.chunk": min(self.config.chunk, -(-n_tokens // batch))}
        require_training_memory(self.model, self.config, sizes, lambda b, t: b * t * (types + 2 * layers))

    def batches(self, epoch: int) -> Iterator[Chunk]:
        """Yield an epoch's chunks from the left of the lanes to the right, starting with a zero state."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        inputs, targets = (part.to(self.device) for part in lanes(rotated(self.train, generator), self.config.batch))
        self.state = self.model.initial_state(len(inputs))
        yield from chunks(inputs, targets, self.config.chunk)

    def loss(self, batch: Chunk) -> tuple[Tensor, int]:
        """Return the chunk's summed nats and its tokens; keep the state for the next chunk."""
        inputs, targets = batch
        state = self.state if self.config.carry_state else self.model.initial_state(len(inputs))
        logits, state = self.model(inputs, state)
        self.state = detach(state)
        return cross_entropy(logits, targets), int((targets != PAD_ID).sum())

    @torch.no_grad()
    def validate(self) -> tuple[float, int]:
        """Return nats and tokens of the validation text, read in as many lanes as training, state carried."""
        inputs, targets = self.valid
        state = self.model.initial_state(len(inputs))
        nats = 0.0
        for piece_inputs, piece_targets in chunks(inputs, targets, self.config.chunk):
            logits, state = self.model(piece_inputs, state)
            nats += cross_entropy(logits, piece_targets).item()
        return nats, int((targets != PAD_ID).sum())
