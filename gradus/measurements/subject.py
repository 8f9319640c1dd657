"""What a measurement of a neural language model measures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gradus.families.networks import NeuralFolder
from gradus.networks.description import NetworkConfig
from gradus.runtime import RuntimeConfig
from gradus.training.lm import LMTrainingConfig


class ModelSettings(Protocol):
    """Entry of `train_lm` in params.yaml."""

    @property
    def network(self) -> NetworkConfig:
        """Settings of the network."""
        ...

    @property
    def training(self) -> LMTrainingConfig:
        """Settings of the training."""
        ...


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
