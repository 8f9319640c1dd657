"""Greedy decoding and sampling over a Step, many rows at a time."""

from collections.abc import Callable

import torch
from torch import Tensor

from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.strategy import Sample
from gradus.errors import RunError
from gradus.interfaces.step import Step, StepState, largest
from gradus.text.special import EOS_ID, PAD_ID

_WHOLE = 2**50
"""Probability one as an integer: sums of integers are exact, those of floats differ on a GPU from run to run."""


def greedy(step: Step[StepState], request: Request) -> list[Hypothesis]:
    """Take the most probable token at every step; of equals the one with the smallest id.

    Raises:
        RunError: if the model gives no token any probability after some prefix.
    """
    return _grow(step, request, lambda log_probs: log_probs.argmax(dim=1))


def sample(step: Step[StepState], request: Request, sampling: Sample, generator: torch.Generator) -> list[Hypothesis]:
    """Draw every token from `cut_distribution` of the model's.

    Args:
        generator: source of the draws, on the device of `request`.
    Raises:
        RunError: if the model gives no token any probability after some prefix.
    """
    return _grow(step, request, lambda log_probs: draw(cut_distribution(log_probs, sampling), generator))


def cut_distribution(log_probs: Tensor, sampling: Sample) -> Tensor:
    """Heat, cut to the k most probable types, cut to the nucleus, and renormalise.

    q(v) = p(v)^(1/temperature) / Z, then the `top_k` largest renormalised, then the nucleus: the smallest
    set of most probable types whose probability reaches `top_p`, renormalised. It is never empty; of equal
    types those with smaller ids come first.

    An example with temperature 1, top_k 4 and top_p 0.85:

        type           a      b      c      d      e
        p              0.40   0.24   0.16   0.10   0.10
        top_k 4        0.444  0.267  0.178  0.111  -       (each divided by their sum, 0.90)
        sum so far     0.444  0.711  0.889  1.000
        nucleus        kept   kept   kept   -      -       (0.711 does not reach 0.85; 0.889 does)
        q              0.50   0.30   0.20   0      0       (of 0.80: 0.40, 0.24, 0.16)

    Without top_k the sums are 0.40, 0.64, 0.80, 0.90, and the nucleus holds four types.

    Args:
        log_probs: natural logs of distributions, shape (B, V).
    Returns:
        Natural logs of the cut distributions, (B, V); -inf for what was cut.
    Source: Holtzman et al. (2020), The Curious Case of Neural Text Degeneration; Fan et al. (2018) for top-k.
    """
    heated = torch.log_softmax(log_probs / sampling.temperature, dim=1)
    if not sampling.top_k and sampling.top_p == 1.0:
        return heated
    ranked, types = heated.sort(dim=1, descending=True, stable=True)  # stable: equals in the order of ids
    if sampling.top_k:
        ranked[:, sampling.top_k :] = -torch.inf
    if sampling.top_p < 1.0:
        mass = _mass(ranked)
        before = mass.cumsum(dim=1) - mass  # of the more probable types; 0 for the first, so it stays
        wanted = max(1.0, sampling.top_p * _WHOLE)  # one unit at least, or a tiny top_p would keep nothing
        ranked = ranked.masked_fill(before >= wanted, -torch.inf)
    return torch.empty_like(heated).scatter_(1, types, ranked.log_softmax(dim=1))


def draw(log_probs: Tensor, generator: torch.Generator) -> Tensor:
    """Draw a type from every row, with one uniform number each: the first whose cumulative mass exceeds it.

    Args:
        log_probs: natural logs of distributions, shape (B, V).
        generator: on their device.
    Returns:
        Type ids, int64 (B,).
    """
    upto = _mass(log_probs).cumsum(dim=1)  # (B, V)
    uniform = torch.rand(len(upto), 1, generator=generator, dtype=torch.float64, device=upto.device)
    return torch.searchsorted(upto, (uniform * upto[:, -1:]).long(), right=True).squeeze(1)


def _mass(log_probs: Tensor) -> Tensor:
    """Return the renormalised probabilities as integers, shares of `_WHOLE`; (B, V)."""
    return (log_probs.double().softmax(dim=1) * _WHOLE).long()


def _grow(step: Step[StepState], request: Request, choose: Callable[[Tensor], Tensor]) -> list[Hypothesis]:
    """Grow every row by the token that `choose` takes from (B, V) log-probabilities until all have ended."""
    written = torch.full((request.batch, request.max_length), PAD_ID, device=request.device)
    log_prob = torch.zeros(request.batch, dtype=torch.float64, device=request.device)
    rows = torch.arange(request.batch, device=request.device)  # those that still grow
    tokens = torch.full((request.batch,), step.first, device=request.device)
    state = step.start(request.batch)
    for position in range(request.max_length):
        log_probs, state = step.step(tokens, state)
        _refuse_dead_ends(largest(log_probs))
        tokens = choose(log_probs)
        written[rows, position] = tokens
        log_prob[rows] += log_probs.gather(1, tokens[:, None]).squeeze(1)
        growing = (tokens != EOS_ID) | (not request.stop_at_eos)
        if not growing.all():
            kept = growing.nonzero().squeeze(1)
            if not len(kept):
                break
            rows, tokens, state = rows[kept], tokens[kept], step.select(state, kept)
    return [_hypothesis(row, nats, request) for row, nats in zip(written.tolist(), log_prob.tolist(), strict=True)]


def _refuse_dead_ends(best: Tensor) -> None:
    if best.isneginf().any():
        raise RunError("the model gives no token any probability after some prefix; choose a smoothed model")


def _hypothesis(row: list[int], log_prob: float, request: Request) -> Hypothesis:
    ends = request.stop_at_eos and EOS_ID in row
    return Hypothesis(tuple(row[: row.index(EOS_ID) + 1] if ends else row), log_prob, log_prob)
