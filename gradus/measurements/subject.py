"""What a measurement of a neural language model measures, and the type of its result."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gradus.families.networks import NeuralFolder
from gradus.networks.description import NetworkConfig
from gradus.runtime import RuntimeConfig
from gradus.training.lm import LMTrainingConfig

Measured = dict[str, float | int | list[float]]
"""Result of a measurement: dict from the name of a figure to a number or a list of numbers."""


class ModelSettings(Protocol):
    """Entry of `train_lm` in params.yaml."""

    network: NetworkConfig
    training: LMTrainingConfig


@dataclass(frozen=True)
class Subject:
    """A trained language model, its settings and its text."""

    model: NeuralFolder
    """Opened folder of the model."""
    tokens: Path
    """Folder of token ids."""
    config: ModelSettings
    """Settings of the model."""
    runtime: RuntimeConfig
    """Seed and device."""
