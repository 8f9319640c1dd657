"""Training of language models by truncated backpropagation through time."""

import math
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.errors import InputError
from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.losses import token_nats
from gradus.interfaces.state import State, detach
from gradus.params import STRICT
from gradus.text.special import PAD_ID
from gradus.text.streams import chunks, jittered_count, jittered_lengths, lanes, rotated, windows
from gradus.text.token_ids import read_ids
from gradus.training.carried_state import CarriedState
from gradus.training.data_parallel import largest_share, share, size, total
from gradus.training.optim import TrainingConfig
from gradus.training.parts import Part
from gradus.training.penalties import Penalties
from gradus.training.training_memory import floats_per_token, output_floats, require_training_memory

Chunk = tuple[Tensor, Tensor]
"""Inputs and targets of one chunk, each int64 (B, T)."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LMTrainingConfig(TrainingConfig):
    """Training settings of a language model."""

    batch: Annotated[int, Field(ge=1, le=10**9)]
    """B, number of lanes. A lane is a part of the text, and all lanes are read in parallel."""
    chunk: Annotated[int, Field(ge=1, le=10**9)]
    """T, number of tokens per lane in a chunk. The gradient does not cross the border between two chunks."""
    carry_state: bool
    """Whether a chunk begins with the final state of the previous chunk. If not, it begins with the initial state."""
    read: Literal["stream", "windows"]
    """What a batch contains: `stream`, the next chunk of B lanes; `windows`, B random windows of T tokens."""

    chunk_jitter: Annotated[float, Field(ge=0, le=10**9)]
    """Standard deviation of the length of a chunk, in tokens; see `jittered_lengths`. With 0, every chunk has T tokens.
    The learning rate of a chunk of length t is multiplied by t / T."""
    penalties: Penalties
    """Penalties on the features, which are added to the loss per token."""

    def __post_init__(self) -> None:
        if self.read == "windows" and self.chunk_jitter:
            raise ValueError("chunk_jitter: 0 with read: windows, because all windows have the same length")
        if self.read == "windows" and self.carry_state:
            raise ValueError("carry_state: false with read: windows, because the order of windows is random")


def read_texts(tokens: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    """Read the token ids of the training text and of the validation text from a folder that `tokenize` wrote.

    Raises:
        InputError: if the folder is missing or damaged, or if a text is empty.
    """
    train, valid = read_ids(tokens, "train"), read_ids(tokens, "valid")
    if not (len(train) and len(valid)):
        raise InputError(
            tokens, expected="a training text and a validation text", found="an empty text", remedy="check the corpus"
        )
    return train, valid


class LMTask:
    """Truncated backpropagation through time, as a `Task` of the training loop.

    The text is cut into B lanes, which are read in parallel, and every lane is cut into chunks. Each chunk starts with
    the final state of the previous chunk of its lane, but no gradient flows into the previous chunk. Every epoch starts
    at another line of the text. The choice of this line is random, but depends only on the seed and the epoch.

    With `read: windows`, a batch is B windows of T tokens instead. Each window begins with the initial state. An epoch
    reads every window of the text in random order; windows overlap, so an epoch reads about T times as many tokens as
    the text has. The last windows of an epoch are dropped if they are fewer than B. Validation reads a stream.

    Source: Williams and Peng (1990), An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories, and Mikolov et al. (2010).
    """

    def __init__(
        self, model: LanguageModel, train: NDArray[Any], valid: NDArray[Any], config: LMTrainingConfig, *, seed: int
    ) -> None:
        """Check the memory, and cut the texts into lanes.

        Args:
            model: a language model on the device of the training.
            train: token ids of the training text.
            valid: token ids of the validation text.
            config: number of lanes, length of a chunk, and whether a chunk starts with the state of the previous one.
            seed: seed of the random choice of the line at which each epoch starts.
        Raises:
            InputError: if the training does not fit into memory.
        """
        self.model, self.config, self.seed = model, config, seed
        self.device = next(model.parameters()).device
        self.uniform_nats = math.log(model.vocabulary_size - 2)  # without PAD and BOS
        self._require_memory(len(train))
        self.train = train
        self.valid = self._own_rows(*lanes(valid, config.batch))
        self._require_rows()
        self.steps_per_epoch = self._count_batches()
        self.state: State = ()
        self.parts: Mapping[str, Part] = {"carried_state": CarriedState(self)} if config.carry_state else {}

    @property
    def n_lanes(self) -> int:
        """Number of rows of a batch of the stream: `batch`, or fewer for a text that is shorter than `batch` lanes."""
        return -(-len(self.train) // -(-len(self.train) // self.config.batch))

    def _own_rows(self, inputs: Tensor, targets: Tensor) -> Chunk:
        """Return this process's rows, on its device."""
        own = share(len(inputs))
        return inputs[own].to(self.device), targets[own].to(self.device)

    def _require_rows(self) -> None:
        rows = self.config.batch if self.config.read == "windows" else self.n_lanes
        if rows < size():
            expected, remedy = f"at most {rows}, the rows of a batch", "lower it, or raise training.batch"
            raise InputError("processes", expected=expected, found=str(size()), remedy=remedy)

    def _count_batches(self) -> int:
        if self.config.read == "windows":
            least = self.config.batch + self.config.chunk - 1
            if len(self.train) < least:
                found, remedy = f"{len(self.train)} tokens", "lower batch or chunk, or add text"
                expected = f"at least {least} training tokens for a batch of windows"
                raise InputError("training.read", expected=expected, found=found, remedy=remedy)
            return (len(self.train) - self.config.chunk + 1) // self.config.batch
        # An epoch that starts at a later line ends with the skipped tokens. So all epochs have equally many chunks.
        length = lanes(self.train, self.config.batch)[0].shape[1]
        return (
            jittered_count(length, self.config.chunk) if self.config.chunk_jitter else -(-length // self.config.chunk)
        )

    def _require_memory(self, n_tokens: int) -> None:
        layers = floats_per_token(self.model)
        batch = min(self.config.batch, n_tokens)  # a text of fewer than B tokens has fewer lanes
        longest = n_tokens if self.config.read == "windows" else -(-n_tokens // batch)
        sizes = {"training.batch": batch, "training.chunk": min(self.config.chunk, longest)}

        def floats(b: int, t: int, v: int) -> int:
            # A step stores at least `4.4 * layers` floats per token (see `floats_per_token`), so `2 * layers` is safe.
            own = largest_share(b) * t
            return own * 2 * layers + output_floats(own, v)

        require_training_memory(self.model, self.config, sizes, floats)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Chunk]:
        """Yield the batches of an epoch from batch `start` on: chunks in the order of the text, or random windows.

        If `start` is 0, the state is that of the beginning of a text. Otherwise, it must be that of batch `start - 1`.
        """
        # Every epoch has its own generator, so that a resumed run starts its epochs at the same lines.
        # There are fewer than 1,000,003 epochs, so every pair of seed and epoch has its own number.
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        if self.config.read == "windows":
            inputs, targets = windows(self.train, self.config.chunk)
            order = torch.randperm(len(inputs), generator=generator)
            for rows in torch.split(order, self.config.batch)[start : self.steps_per_epoch]:
                yield self._own_rows(inputs[rows], targets[rows])
            return
        inputs, targets = self._own_rows(*lanes(rotated(self.train, generator), self.config.batch))
        if not start:
            self.state = self.model.initial_state(len(inputs))
        lengths: int | list[int] = self.config.chunk
        if self.config.chunk_jitter:
            lengths = jittered_lengths(inputs.shape[1], self.config.chunk, self.config.chunk_jitter, generator)
        yield from islice(chunks(inputs, targets, lengths), start, None)

    def rate_factor(self, batch: Chunk) -> float:
        """Return t / T for a chunk of length t if the lengths have jitter, else 1."""
        return batch[0].shape[1] / self.config.chunk if self.config.chunk_jitter else 1.0

    def loss(self, batch: Chunk) -> tuple[Tensor, int]:
        """Return the total loss of a chunk in nats, with penalties, and its number of tokens; store the next state."""
        inputs, targets = batch
        state = self.state if self.config.carry_state else self.model.initial_state(len(inputs))
        features, state = self.model.advance(inputs, state)
        self.state = detach(state)
        n_tokens = int((targets != PAD_ID).sum())
        nll = self.model.output.nll(features, targets)
        penalty = self.config.penalties.of(features)
        return nll if penalty is None else nll + n_tokens * penalty, n_tokens

    @torch.no_grad()
    def validate(self) -> tuple[float, int]:
        """Return the total loss of the validation text in nats and its number of tokens.

        Each chunk starts with the final state of the previous chunk.
        """
        inputs, targets = self.valid
        state = self.model.initial_state(len(inputs))
        nats = 0.0
        for piece_inputs, piece_targets in chunks(inputs, targets, self.config.chunk) if len(inputs) else ():
            piece, state = token_nats(self.model, piece_inputs, piece_targets, state)
            nats += piece.sum(dtype=torch.float64).item()
        nats, n_tokens = total(nats, int((targets != PAD_ID).sum()))
        return nats, int(n_tokens)
