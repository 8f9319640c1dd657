"""Decode rows of tokens in parallel, one token at a time, and draw random tokens from distributions."""

from collections.abc import Callable

import torch
from torch import Tensor

from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.refusals import require_numbers, require_possible
from gradus.interfaces.step import Step, StepState
from gradus.text.special import EOS_ID, PAD_ID

WHOLE = 2**50
"""The integer that stands for probability 1.

Probabilities are converted to integers before they are added, because sums of integers are exact. Sums of floats on a
GPU differ from run to run.
"""


def grow(step: Step[StepState], request: Request, choose: Callable[[Tensor], Tensor]) -> list[Hypothesis]:
    """Append one token at a time to every row until all rows have ended; return one hypothesis per row.

    Args:
        step: `Step` of the model.
        request: number of rows and their maximum length.
        choose: function from log-probabilities, shape (B, V), to one token for every row, shape (B,).
    Raises:
        RunError: if, after some prefix, every token has probability zero.
    """
    written = torch.full((request.batch, request.max_length), PAD_ID, device=request.device)
    # float64, because a text may have thousands of tokens.
    log_prob = torch.zeros(request.batch, dtype=torch.float64, device=request.device)
    rows = torch.arange(request.batch, device=request.device)  # rows that have not ended
    tokens = torch.full((request.batch,), step.first, device=request.device)
    state = step.start(request.batch)
    for position in range(request.max_length):
        log_probs, state = step.step(tokens, state)
        require_possible(require_numbers(log_probs))
        tokens = choose(log_probs)
        written[rows, position] = tokens
        log_prob[rows] += log_probs.gather(1, tokens[:, None]).squeeze(1)
        growing = (tokens != EOS_ID) | (not request.stop_at_eos)
        if not growing.all():  # the model does not compute rows that have ended
            kept = growing.nonzero().squeeze(1)
            if not len(kept):
                break
            rows, tokens, state = rows[kept], tokens[kept], step.select(state, kept)
    return [_hypothesis(row, nats, request) for row, nats in zip(written.tolist(), log_prob.tolist(), strict=True)]


def draw(log_probs: Tensor, generator: torch.Generator) -> Tensor:
    """Draw a random type of the vocabulary for every row.

    For every row, the function draws a uniform random number. It returns the first type whose cumulative probability
    exceeds this number.

    Args:
        log_probs: natural logs of distributions, shape (B, V).
        generator: random generator on the device of `log_probs`.
    Returns:
        Type ids, int64 (B,).
    """
    upto = mass(log_probs).cumsum(dim=1)  # (B, V)
    # Multiplied by the last sum, which is a little less than `WHOLE`, because `mass` rounds down.
    uniform = torch.rand(len(upto), 1, generator=generator, dtype=torch.float64, device=upto.device)
    return torch.searchsorted(upto, (uniform * upto[:, -1:]).long(), right=True).squeeze(1)


def mass(log_probs: Tensor) -> Tensor:
    """Normalise log-probabilities, shape (B, V). Return each probability p as the integer `p * WHOLE`, rounded down."""
    return (log_probs.double().softmax(dim=1) * WHOLE).long()


def _hypothesis(row: list[int], log_prob: float, request: Request) -> Hypothesis:
    """Return a row as a hypothesis. If the request says that EOS ends a row, cut the row after its first EOS."""
    ends = request.stop_at_eos and EOS_ID in row
    return Hypothesis(tuple(row[: row.index(EOS_ID) + 1] if ends else row), log_prob, log_prob)
