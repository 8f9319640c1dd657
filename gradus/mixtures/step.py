"""Compute next-token distributions of a mixture of language models, one token at a time."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gradus.interfaces.step import Step
from gradus.mixtures.combine import combined
from gradus.mixtures.config import Kind
from gradus.results.score import Context
from gradus.text.special import EOS_ID


class MixtureState(NamedTuple):
    """State of the rows of a mixture."""

    parts: tuple[Any, ...]
    """State of each model."""
    lines: Tensor
    """Number of lines that each row has begun, int64 (B,)."""


class MixtureStep:
    """`Step` that mixes the distributions of several steps.

    The first input of every row is EOS, which n-gram models read as BOS. Networks have read nothing before the first
    line of a row, as when they score single lines; so this line has the weights of the context `line`. The next lines
    have the weights of the context `stream`.

    Args:
        kind: how the distributions are mixed.
        steps: the steps of the K models.
        weights: dict from context to the K weights. A mixture without networks has only the context `line`.
        device: device of the result.
    """

    first = EOS_ID

    def __init__(
        self, kind: Kind, steps: Sequence[Step[Any]], weights: Mapping[Context, Sequence[float]], device: torch.device
    ) -> None:
        self.kind, self.steps, self.device = kind, steps, device
        self.vocabulary_size = steps[0].vocabulary_size
        rows = [weights["line"], weights.get("stream", weights["line"])]
        self._weights = torch.tensor(rows, dtype=torch.float32, device=device)  # (2, K)

    def start(self, batch: int) -> MixtureState:
        """Return the state of `batch` rows before their first token."""
        lines = torch.zeros(batch, dtype=torch.int64, device=self.device)
        return MixtureState(tuple(step.start(batch) for step in self.steps), lines)

    @torch.inference_mode()
    def step(self, tokens: Tensor, state: MixtureState) -> tuple[Tensor, MixtureState]:
        """Feed one token to every row; see `Step.step`."""
        pairs = [step.step(tokens, part) for step, part in zip(self.steps, state.parts, strict=True)]
        lines = state.lines + (tokens == EOS_ID)
        weights = self._weights[(lines > 1).long()]  # (B, K)
        mixed = combined(self.kind, [log_probs.to(self.device) for log_probs, _ in pairs], weights)
        return mixed, MixtureState(tuple(part for _, part in pairs), lines)

    def select(self, state: MixtureState, rows: Tensor) -> MixtureState:
        """Reorder, repeat or drop rows; see `Step.select`."""
        parts = tuple(step.select(part, rows) for step, part in zip(self.steps, state.parts, strict=True))
        return MixtureState(parts, state.lines[rows])

    def state_bytes(self, length: int) -> int:
        """Return the number of bytes of one row's state after `length` tokens."""
        return sum(step.state_bytes(length) for step in self.steps) + 8
