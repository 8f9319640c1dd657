"""One call for every strategy."""

import torch

from gradus.decoding.beam import beam_search
from gradus.decoding.decoding_memory import require_decoding_memory
from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.sampling import greedy, sample
from gradus.decoding.strategy import Beam, Greedy, Sample, Strategy
from gradus.interfaces.step import Step, StepState


def decode(step: Step[StepState], request: Request, strategy: Strategy, generator: torch.Generator) -> list[Hypothesis]:
    """Decode `request.batch` rows by a strategy; beam search gives the best hypothesis of each.

    Args:
        generator: source of the draws; greedy and beam search leave it untouched.
    Raises:
        InputError: if there is not memory enough, before any is taken.
        RunError: if the model gives no token any probability after some prefix.
    """
    require_decoding_memory(step, request, strategy)
    match strategy:
        case Greedy():
            return greedy(step, request)
        case Sample():
            return sample(step, request, strategy, generator)
        case Beam():
            return [hypotheses[0] for hypotheses in beam_search(step, request, strategy)]
