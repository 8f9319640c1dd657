"""Greedy decoding: choose the most probable token at every position."""

from typing import ClassVar, Literal

import torch
from pydantic.dataclasses import dataclass

from gradus.decoding.growing import grow
from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.strategy import SETTINGS, Preset, RowBytes, Strategy
from gradus.interfaces.step import Step, StepState


@dataclass(frozen=True, kw_only=True, config=SETTINGS)
class Greedy(Strategy):
    """Choose the most probable token at every position. Of equally probable tokens, the smallest id is chosen."""

    kind: Literal["greedy"]

    draws: ClassVar[bool] = False
    presets: ClassVar[tuple[Preset, ...]] = (Preset("greedy", "takes the likeliest word", {}),)

    def decode(self, step: Step[StepState], request: Request, generator: torch.Generator) -> list[Hypothesis]:
        """Choose the most probable token for every row at every position; see `Strategy.decode`."""
        return grow(step, request, lambda log_probs: log_probs.argmax(dim=1))

    def row_bytes(self) -> RowBytes:
        """Return the memory that one row takes.

        The measured peaks are 12 bytes per type of the vocabulary and 24 bytes per token of the row.
        """
        return RowBytes(per_type=8, per_token=20)
