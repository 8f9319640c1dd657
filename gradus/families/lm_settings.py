"""Settings of a neural language model: its network and its training."""

from pydantic.dataclasses import dataclass

from gradus.networks.language_models.build import LMConfig
from gradus.params import STRICT
from gradus.training.lm import LMTrainingConfig


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TrainLMConfig:
    """One entry of `train_lm` in params.yaml."""

    network: LMConfig
    training: LMTrainingConfig
