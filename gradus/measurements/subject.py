"""What a measurement of a neural language model measures."""

from dataclasses import dataclass
from pathlib import Path

from gradus.evaluation.neural import ScoringConfig
from gradus.families.lm_settings import TrainLMConfig
from gradus.families.networks import NeuralFolder
from gradus.runtime import RuntimeConfig


@dataclass(frozen=True)
class Subject:
    """A trained language model, its settings and its text."""

    model: NeuralFolder
    """Opened folder of the model."""
    tokens: Path
    """Folder of token ids."""
    config: TrainLMConfig
    """Settings of the model."""
    runtime: RuntimeConfig
    """Seed and device."""
    scoring: ScoringConfig
    """Settings with which texts are scored."""
