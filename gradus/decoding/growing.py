"""Growing rows token by token, and drawing tokens."""

from collections.abc import Callable

import torch
from torch import Tensor

from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.refusals import require_numbers, require_possible
from gradus.interfaces.step import Step, StepState
from gradus.text.special import EOS_ID, PAD_ID

WHOLE = 2**50
"""Probability one as an integer. Sums of integers are exact; sums of floats differ on a GPU from run to run."""


def grow(step: Step[StepState], request: Request, choose: Callable[[Tensor], Tensor]) -> list[Hypothesis]:
    """Append one token at a time to every row until all rows have ended.

    Args:
        choose: returns a token of every row, (B,), from its log-probabilities, (B, V).
    Raises:
        RunError: if the model gives every token probability zero after some prefix.
    """
    written = torch.full((request.batch, request.max_length), PAD_ID, device=request.device)
    log_prob = torch.zeros(request.batch, dtype=torch.float64, device=request.device)
    rows = torch.arange(request.batch, device=request.device)  # rows that still grow
    tokens = torch.full((request.batch,), step.first, device=request.device)
    state = step.start(request.batch)
    for position in range(request.max_length):
        log_probs, state = step.step(tokens, state)
        require_possible(require_numbers(log_probs))
        tokens = choose(log_probs)
        written[rows, position] = tokens
        log_prob[rows] += log_probs.gather(1, tokens[:, None]).squeeze(1)
        growing = (tokens != EOS_ID) | (not request.stop_at_eos)
        if not growing.all():  # rows that have ended cost no further step of the model
            kept = growing.nonzero().squeeze(1)
            if not len(kept):
                break
            rows, tokens, state = rows[kept], tokens[kept], step.select(state, kept)
    return [_hypothesis(row, nats, request) for row, nats in zip(written.tolist(), log_prob.tolist(), strict=True)]


def draw(log_probs: Tensor, generator: torch.Generator) -> Tensor:
    """Draw one type from every row, by one uniform number each: the first type whose cumulative mass exceeds it.

    Args:
        log_probs: natural logs of distributions, shape (B, V).
        generator: on the device of `log_probs`.
    Returns:
        Type ids, int64 (B,).
    """
    upto = mass(log_probs).cumsum(dim=1)  # (B, V)
    uniform = torch.rand(len(upto), 1, generator=generator, dtype=torch.float64, device=upto.device)
    return torch.searchsorted(upto, (uniform * upto[:, -1:]).long(), right=True).squeeze(1)


def mass(log_probs: Tensor) -> Tensor:
    """Return renormalised probabilities as integers, in units of 1 / `WHOLE`; shape (B, V)."""
    return (log_probs.double().softmax(dim=1) * WHOLE).long()


def _hypothesis(row: list[int], log_prob: float, request: Request) -> Hypothesis:
    """Cut a row after its EOS."""
    ends = request.stop_at_eos and EOS_ID in row
    return Hypothesis(tuple(row[: row.index(EOS_ID) + 1] if ends else row), log_prob, log_prob)
