"""Define `Strategy`, the base class of all decoding strategies, and the types that `Strategy` uses."""

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
"""Pydantic configuration of every strategy class.

This configuration refuses invalid settings as `STRICT` does. It uses the docstrings of fields as help texts of options.
"""


@dataclass(frozen=True)
class Preset:
    """Name on the command line that selects a strategy, and the default settings of this strategy."""

    name: str
    about: str
    """Help text that says in a few words how the strategy chooses tokens. It begins with a verb."""
    settings: Mapping[str, Any]
    """All settings except `kind`."""


class RowBytes(NamedTuple):
    """Lower bound of the memory for decoding one row. The model's state is not included."""

    per_type: int
    """Bytes for each type of the vocabulary."""
    per_token: int
    """Bytes for each token that the row may have."""


class Strategy(ABC):
    """Base class of decoding strategies. A strategy chooses tokens from next-token distributions.

    A subclass is a frozen dataclass whose fields are the settings in params.yaml. The field `kind` selects the subclass
    from the table in `gradus.decoding.strategies`.
    """

    draws: ClassVar[bool]
    """Whether the strategy draws tokens at random. If not, all texts would be equal, so one text is enough."""
    presets: ClassVar[tuple[Preset, ...]]
    """Names and default settings of the strategy on the command line."""

    @abstractmethod
    def decode(self, step: Step[StepState], request: Request, generator: torch.Generator) -> list[Hypothesis]:
        """Decode `request.batch` rows; return one hypothesis for each row.

        Args:
            step: `Step` of the model.
            request: number of rows and their maximum length.
            generator: random generator on the device of `request`. Only random strategies use it.
        Raises:
            RunError: if, after some prefix, every token has probability zero.
        """

    @abstractmethod
    def row_bytes(self) -> RowBytes:
        """Return a lower bound of the memory that one row takes.

        If the bound were too high, requests that fit would be refused. So the bound is the measured peak of resident
        memory, rounded down. It was measured with 20,000 types and with 2,000 tokens (torch 2.13 on a CPU).
        """

    def widths(self) -> Mapping[str, int]:
        """Return the settings that multiply the number of rows, as a dict from the name of a setting to its value.

        The dict is empty if the strategy has no such setting.
        """
        return {}
