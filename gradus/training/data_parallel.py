"""Data parallelism: several processes train one model. Each computes the gradient of its rows of every batch.

The processes are those of torch's default process group; `gradus.training.launching` starts them. A process without a
group is alone, and every function here then changes nothing. All processes have the same weights, optimizers and
averages, and take the same decisions, because gradients and losses are added over all processes before they are used.

Source: Goyal et al. (2017), Accurate, large minibatch SGD: training ImageNet in 1 hour, section 3, for the sum over
processes.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor, nn


def size() -> int:
    """Return the number of processes, at least 1."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Return the number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def size_here() -> int:
    """Return the number of processes on this computer, which share its memory."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if dist.is_initialized() else 1


def share(rows: int) -> slice:
    """Return which of `rows` rows this process has: one of `size()` contiguous parts, which may be empty."""
    return slice(rows * rank() // size(), rows * (rank() + 1) // size())


def largest_share(rows: int) -> int:
    """Return the number of rows of the process that has the most."""
    return -(-rows // size())


def total(*numbers: float) -> tuple[float, ...]:
    """Return the sums of each number over all processes, in float64."""
    if size() == 1:
        return numbers
    sums = torch.tensor(numbers, dtype=torch.float64)
    dist.all_reduce(sums)
    return tuple(sums.tolist())


def backward(parameters: Sequence[nn.Parameter], nll_nats: Tensor, n_tokens: int) -> tuple[float, int]:
    """Compute the gradients of the mean loss per token, over the rows of all processes.

    Args:
        parameters: all weights.
        nll_nats: loss of this process's rows in nats, a differentiable scalar.
        n_tokens: their number of tokens; with 0 tokens, the loss has no gradient.
    Returns:
        Loss and number of tokens of all processes. The gradients are in the parameters.
    """
    if size() == 1:
        (nll_nats / n_tokens).backward()  # type: ignore[no-untyped-call]
        return nll_nats.item(), n_tokens
    if n_tokens:
        nll_nats.backward()  # type: ignore[no-untyped-call]
    # One message for all gradients and both sums: each message takes time, however short it is.
    gradients = [torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in parameters]
    sums = gradients[0].new_tensor([nll_nats.item(), n_tokens])
    flat = torch.cat([*(gradient.flatten() for gradient in gradients), sums])
    dist.all_reduce(flat)
    *pieces, sums = torch.split(flat, [*(weight.numel() for weight in parameters), 2])
    nats, tokens = sums.tolist()
    for weight, piece in zip(parameters, pieces, strict=True):
        weight.grad = piece.div_(tokens).view_as(weight)
    return nats, int(tokens)


@contextmanager
def own_random_numbers() -> Iterator[None]:
    """Give this process other random numbers than the others while the block runs, so that dropout masks differ.

    Outside the block, the generators of all processes have the same state, so one process can save it for all.
    """
    if size() == 1:
        yield
        return
    seed = int(torch.randint(2**62, ()))
    common = torch.get_rng_state()
    torch.manual_seed(seed + rank())
    try:
        yield
    finally:
        torch.set_rng_state(common)


def gathered(rows: Tensor) -> Tensor:
    """Return the rows of all processes, in the order of the processes.

    Args:
        rows: rows of this process; its shape differs between processes in the first dimension only.
    """
    if size() == 1:
        return rows
    parts: list[Tensor] = [rows] * size()
    dist.all_gather_object(parts, rows.cpu())
    return torch.cat([part.to(rows.device) for part in parts])


def first_says(answer: bool) -> bool:
    """Return the answer of process 0, so that all processes do the same."""
    if size() == 1:
        return answer
    said = torch.tensor([answer])
    dist.broadcast(said, src=0)
    return bool(said)


@contextmanager
def first_alone() -> Iterator[None]:
    """Let process 0 run the block before the others, so that they find the files as it leaves them."""
    if rank():
        dist.barrier()
    try:
        yield
    finally:
        if size() > 1 and not rank():
            dist.barrier()
