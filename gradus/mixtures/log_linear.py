"""Fit the weights of a log-linear mixture on held-out text by Newton's method."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gradus.errors import RunError

Pieces = Callable[[], Iterable[tuple[Sequence[Tensor], Tensor]]]
"""Function that reads the held-out text from its start. It yields pieces of n tokens: the log-probabilities of every
token of the vocabulary under each of the K models, nats, each float32 (n, V); and the tokens, int64 (n,)."""

HALVINGS = 30
"""Maximum number of times that a step is halved. A loss that 2^-30 of a step does not lower is at its minimum."""


@dataclass(frozen=True)
class _Moments:
    """Loss of the text at some weights, and its derivatives."""

    nats: float
    """Negative log-probability of the text, nats."""
    gradient: Tensor
    """float64 (K - 1,)."""
    hessian: Tensor
    """float64 (K - 1, K - 1)."""


def fit_log_linear(
    pieces: Pieces, start: Sequence[float], tolerance: float, iterations: int
) -> tuple[list[float], float]:
    """Find the K weights with the highest probability of the held-out text.

    The last weight is 1 minus the sum of the others, so only the others, u, are free. With the differences
    d_k(w) = ln P_k(w | h) - ln P_K(w | h), the loss of a token w is

        -ln P(w | h) = ln Z(h) - ln P_K(w | h) - sum over k of u_k d_k(w)

    Its gradient is E[d] - d(w) and its Hessian is Cov[d], where E and Cov are taken over P(. | h). The Hessian has no
    negative eigenvalues, so the loss is convex, and Newton's method finds its minimum. A step that does not lower the
    loss is halved. The normalisation Z(h) is exact: every pass sums over the vocabulary at every token.

    Args:
        pieces: the held-out text under the K models.
        start: K weights with which the fit begins; their sum is 1.
        tolerance: the fit stops when the largest change of a weight is at most this number.
        iterations: maximum number of Newton steps.
    Returns:
        The weights, and the negative log-probability of the text in nats.
    Raises:
        RunError: if one of the models gives a token of the text probability zero, so that all weights do.
    """
    free = torch.tensor(start[:-1], dtype=torch.float64)
    here = _moments(pieces, free)
    for _ in range(iterations):
        step = _newton_step(here)
        for _ in range(HALVINGS):
            there = _moments(pieces, free + step)
            if there.nats <= here.nats or float(step.abs().max()) <= tolerance:
                break
            step = step / 2
        if there.nats <= here.nats:
            free, here = free + step, there
        if float(step.abs().max()) <= tolerance:
            break
    return [*free.tolist(), 1 - float(free.sum())], here.nats


def _newton_step(here: _Moments) -> Tensor:
    """Return -H^-1 g. Directions in which the loss does not change, as between equal models, have no step."""
    step: Tensor = -(torch.linalg.pinv(here.hessian, hermitian=True) @ here.gradient)
    return step


def _moments(pieces: Pieces, free: Tensor) -> _Moments:
    """Read the text once; return the loss and its derivatives at the weights u."""
    nats, gradient, hessian = 0.0, torch.zeros_like(free), torch.zeros(len(free), len(free), dtype=torch.float64)
    for parts, targets in pieces():
        last, differences = _differences(parts)
        mixed = last.clone()
        for weight, difference in zip(free.tolist(), differences, strict=True):
            mixed.add_(difference, alpha=weight)
        mixed -= mixed.amax(-1, keepdim=True)  # so that the largest exponential is 1
        of_targets = mixed.gather(1, targets[:, None])
        probs = mixed.exp_()
        z = probs.sum(-1, keepdim=True)
        chosen = (z.log() - of_targets).double().sum()
        if not bool(torch.isfinite(chosen)):
            raise RunError(
                "a model gives probability zero to a token of the validation text, so every log-linear mixture does; "
                "choose models without zeros, or the kind linear"
            )
        nats += float(chosen)
        probs /= z
        means = [(probs * difference).sum(-1) for difference in differences]  # E[d] at every token, (n,)
        for i, (mean, difference) in enumerate(zip(means, differences, strict=True)):
            gradient[i] += (mean - difference.gather(1, targets[:, None])[:, 0]).double().sum().cpu()
            weighted = probs * difference
            for j in range(i + 1):
                second = (weighted * differences[j]).sum(-1)
                hessian[i, j] = hessian[j, i] = hessian[i, j] + (second - mean * means[j]).double().sum().cpu()
    return _Moments(nats, gradient, hessian)


def _differences(parts: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """Return ln P_K and the differences d_k; where a model says zero, -inf and 0, so that the token has no effect."""
    *others, last = parts
    possible = last > -torch.inf
    for part in others:
        possible &= part > -torch.inf
    impossible = ~possible
    return last.masked_fill(impossible, -torch.inf), [(part - last).masked_fill_(impossible, 0.0) for part in others]
