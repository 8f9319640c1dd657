"""Compute torch's matrix products on the CPU with NumPy's BLAS.

torch's wheels bring MKL, which has no fast kernels that give the same bytes on Intel's and AMD's processors. NumPy's
wheels bring OpenBLAS, which has such kernels, as fast as MKL's fastest. The fused kernel of attention and products of
a matrix and a vector are not replaced: they use MKL in its compatible mode, which is slower but also portable.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

_KERNELS = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]


def use_numpy_blas() -> None:
    """Replace torch's `mm`, `addmm` and `bmm` on the CPU by NumPy's products, for the rest of the process."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*Overriding a previously registered kernel", UserWarning)
        for name, kernel in (("mm", _mm), ("addmm", _addmm), ("bmm", _bmm)):
            _KERNELS.impl(name, kernel, "CPU", allow_override=True)  # type: ignore[no-untyped-call]


def _mm(a: Tensor, b: Tensor) -> Tensor:
    """Return a b, (N, K) by (K, M)."""
    return _product(np.dot, a, b)  # as `matmul`, with less overhead: 0.7 us instead of 1.1 us for 2 by 2


def _bmm(a: Tensor, b: Tensor) -> Tensor:
    """Return the product of every pair of matrices, (B, N, K) by (B, K, M)."""
    return _product(np.matmul, a, b)


def _product(multiply: Callable[..., Any], a: Tensor, b: Tensor) -> Tensor:
    try:
        # Like torch's own products, these do not warn of overflow: training reports it, with the step. The block costs
        # 1 us; a product of a training step takes 25 us and more.
        with np.errstate(all="ignore"):
            return torch.from_numpy(multiply(a.numpy(force=True), b.numpy(force=True)))
    except TypeError:  # bfloat16 and float16, which NumPy's BLAS cannot multiply
        return _product(multiply, a.float(), b.float()).to(a.dtype)


def _addmm(bias: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta bias + alpha a b; if beta is 0, a bias of NaN does not matter."""
    product = _mm(a, b)
    if alpha != 1:
        product.mul_(alpha)
    return product.add_(bias, alpha=beta) if beta != 0 else product
