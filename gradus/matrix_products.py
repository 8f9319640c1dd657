"""Compute torch's matrix products on the CPU with NumPy's BLAS.

By default, torch computes matrix products with the library MKL. MKL has no fast kernels that compute the same bytes on
Intel and AMD processors. NumPy uses the library OpenBLAS, whose portable kernels are as fast as the fastest kernels of
MKL. Two kinds of products are not replaced: those in the fused kernel of attention, and products of a matrix and a
vector. Both use MKL in its compatible mode, which is slower but also portable.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

_KERNELS = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]


def use_numpy_blas() -> None:
    """Replace torch's `mm`, `addmm` and `bmm` on the CPU by NumPy's products, until the process ends."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*Overriding a previously registered kernel", UserWarning)
        for name, kernel in (("mm", _mm), ("addmm", _addmm), ("bmm", _bmm)):
            _KERNELS.impl(name, kernel, "CPU", allow_override=True)  # type: ignore[no-untyped-call]


def _mm(a: Tensor, b: Tensor) -> Tensor:
    """Return the matrix product of `a`, (N, K), and `b`, (K, M)."""
    return _product(np.dot, a, b)  # faster than `matmul` for small matrices: 0.7 us instead of 1.1 us for 2 by 2


def _bmm(a: Tensor, b: Tensor) -> Tensor:
    """Return B matrix products. The matrices are in `a`, (B, N, K), and `b`, (B, K, M)."""
    return _product(np.matmul, a, b)


def _product(multiply: Callable[..., Any], a: Tensor, b: Tensor) -> Tensor:
    try:
        # NumPy must not warn of an overflow, because torch does not either. The training loop reports overflows.
        # The `with` statement costs 1 us; a product in a training step takes at least 25 us.
        with np.errstate(all="ignore"):
            return torch.from_numpy(multiply(a.numpy(force=True), b.numpy(force=True)))
    except TypeError:  # bfloat16 and float16, which NumPy's BLAS cannot multiply
        return _product(multiply, a.float(), b.float()).to(a.dtype)


def _addmm(bias: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return `beta * bias + alpha * (a @ b)`. If `beta` is 0, the bias has no effect, even if it is NaN."""
    product = _mm(a, b)
    if alpha != 1:
        product.mul_(alpha)
    return product.add_(bias, alpha=beta) if beta != 0 else product
