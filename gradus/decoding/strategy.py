"""Interface of a decoding strategy: a configuration that decodes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from pydantic import ConfigDict

from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.interfaces.step import Step, StepState
from gradus.params import STRICT

SETTINGS = ConfigDict(**STRICT, use_attribute_docstrings=True)
"""Pydantic settings of every strategy: `STRICT`, and the docstring under a field becomes the help of its option."""


@dataclass(frozen=True)
class Preset:
    """A strategy with default settings, under the name that the command line gives it."""

    name: str
    about: str
    """Help text: what this strategy does, as a verb and its object."""
    settings: Mapping[str, Any]
    """All settings but `kind`."""


class RowBytes(NamedTuple):
    """Memory that decoding one row takes at least, besides the state of the model."""

    per_type: int
    """Bytes for every type of the vocabulary."""
    per_token: int
    """Bytes for every token that the row may have."""


class Strategy(ABC):
    """A way to choose tokens from next-token distributions.

    A subclass is a frozen dataclass whose fields are the settings in params.yaml. One of them is `kind`, by which
    `gradus.decoding.strategies` finds the class.
    """

    draws: ClassVar[bool]
    """Whether rows are random. Without draws, all texts from one model would be equal, so one is enough."""
    presets: ClassVar[tuple[Preset, ...]]
    """Names and defaults of the strategy on the command line."""

    @abstractmethod
    def decode(self, step: Step[StepState], request: Request, generator: torch.Generator) -> list[Hypothesis]:
        """Decode `request.batch` rows; return one hypothesis for each.

        Args:
            generator: source of the draws, on the device of `request`. Strategies without draws leave it untouched.
        Raises:
            RunError: if the model gives every token probability zero after some prefix.
        """

    @abstractmethod
    def row_bytes(self) -> RowBytes:
        """Return the memory of one row.

        The estimate must not be too high, because a request that fits must not be refused. So it is the peak of the
        resident size, measured with 20,000 types and with 2,000 tokens (torch 2.13 on a CPU), rounded down.
        """

    def widths(self) -> Mapping[str, int]:
        """Return the settings that multiply the rows decoded side by side, by name; none by default."""
        return {}
