"""Check that a decoding request fits into memory, then decode texts with a strategy."""

import torch

from gradus.decoding.decoding_memory import require_decoding_memory
from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.strategy import Strategy
from gradus.interfaces.step import Step, StepState


def decode(step: Step[StepState], request: Request, strategy: Strategy, generator: torch.Generator) -> list[Hypothesis]:
    """Decode `request.batch` rows with a strategy; return one hypothesis for each row.

    Args:
        step: `Step` of the model.
        request: number of rows and their maximum length.
        strategy: settings of the decoding strategy.
        generator: random generator on the device of `request`.
    Raises:
        InputError: if there is too little memory. The check comes before any allocation.
        RunError: if, after some prefix, every token has probability zero.
    """
    require_decoding_memory(step, request, strategy)
    return strategy.decode(step, request, generator)
