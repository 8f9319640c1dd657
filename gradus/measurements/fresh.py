"""Build untrained networks for measurements."""

import torch

from gradus.interfaces.language_model import LanguageModel
from gradus.networks.description import NetworkConfig
from gradus.networks.language_models.build import build_lm


def fresh_network(config: NetworkConfig, vocabulary_size: int, *, seed: int, device: torch.device) -> LanguageModel:
    """Build a network with random weights, in evaluation mode.

    For the same seed and vocabulary, these are the weights with which the stage `train_lm` begins.

    Raises:
        InputError: if the weights do not fit into memory.
    """
    # A measurement may have drawn random numbers before, so the generator starts again from the seed.
    torch.manual_seed(seed)
    return build_lm(config, vocabulary_size).to(device).eval()
