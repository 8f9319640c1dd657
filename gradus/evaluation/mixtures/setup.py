"""Settings with which the networks of a mixture score a text."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from gradus.evaluation.neural import ScoringConfig


@dataclass(frozen=True)
class Setup:
    """Settings of networks. The types are not imported, because n-gram models need no torch."""

    scoring: "ScoringConfig"
    """Section `score_lm` of params.yaml."""
    device: "torch.device"
    """Device of the networks, and of log-linear mixtures."""
