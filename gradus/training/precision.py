"""The precision of matrix products during training."""

from contextlib import AbstractContextManager
from typing import Literal

import torch

from gradus.errors import InputError
from gradus.numerics import portable

Precision = Literal["float32", "bfloat16"]


def training_precision(precision: Precision, device: torch.device) -> AbstractContextManager[None]:
    """Return a context manager for the forward pass of a training step.

    With `bfloat16`, the factors and the results of matrix products are rounded to 8 bits. Weights, states, sums,
    losses and the optimizer stay in float32. torch's autocast chooses the functions that are rounded.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")


def require_precision(precision: Precision, device: torch.device) -> None:
    """Refuse bfloat16 where it cannot be faster: portable kernels compute all products in float32.

    Raises:
        InputError: for bfloat16 with portable kernels on a CPU.
    """
    if precision == "bfloat16" and device.type == "cpu" and portable():
        raise InputError(
            "params.yaml: training.precision",
            expected="float32 with numerics: portable, whose kernels have no bfloat16",
            found=precision,
            remedy="set numerics: native, or precision: float32",
        )
