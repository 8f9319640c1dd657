"""Decode by any strategy, if the memory suffices."""

import torch

from gradus.decoding.decoding_memory import require_decoding_memory
from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.strategy import Strategy
from gradus.interfaces.step import Step, StepState


def decode(step: Step[StepState], request: Request, strategy: Strategy, generator: torch.Generator) -> list[Hypothesis]:
    """Decode `request.batch` rows by a strategy; return one hypothesis for each.

    Args:
        generator: source of the draws, on the device of `request`.
    Raises:
        InputError: if there is too little memory; nothing is allocated before this check.
        RunError: if the model gives every token probability zero after some prefix.
    """
    require_decoding_memory(step, request, strategy)
    return strategy.decode(step, request, generator)
