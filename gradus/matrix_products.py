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
    kernels = {"mm": _mm, "mm.out": _mm_out, "addmm": _addmm, "addmm.out": _addmm_out, "addmm_": _addmm_, "bmm": _bmm}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*Overriding a previously registered kernel", UserWarning)
        for name, kernel in kernels.items():
            _KERNELS.impl(name, kernel, "CPU", allow_override=True)  # type: ignore[no-untyped-call]


def _mm(a: Tensor, b: Tensor) -> Tensor:
    """Return the matrix product of `a`, (N, K), and `b`, (K, M)."""
    return _product(np.dot, a, b)  # faster than `matmul` for small matrices: 0.7 us instead of 1.1 us for 2 by 2


def _mm_out(a: Tensor, b: Tensor, *, out: Tensor) -> Tensor:
    """Write the matrix product into `out`, (N, M). Its rows need not be contiguous."""
    return _product(np.matmul, a, b, out)


def _bmm(a: Tensor, b: Tensor) -> Tensor:
    """Return B matrix products. The matrices are in `a`, (B, N, K), and `b`, (B, K, M)."""
    return _product(np.matmul, a, b)


def _product(multiply: Callable[..., Any], a: Tensor, b: Tensor, out: Tensor | None = None) -> Tensor:
    if a.dtype in (torch.bfloat16, torch.float16):  # NumPy's BLAS cannot multiply these
        product = _product(multiply, a.float(), b.float()).to(a.dtype)
        return product if out is None else out.copy_(product)
    # NumPy must not warn of an overflow, because torch does not either. The training loop reports overflows.
    # The `with` statement costs 1 us; a product in a training step takes at least 25 us.
    with np.errstate(all="ignore"):
        if out is None:
            return torch.from_numpy(multiply(a.numpy(force=True), b.numpy(force=True)))
        multiply(a.numpy(force=True), b.numpy(force=True), out=out.numpy(force=True))
        return out


def _addmm(bias: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return `beta * bias + alpha * (a @ b)`. If `beta` is 0, the bias has no effect, even if it is NaN."""
    return _scaled_sum(_mm(a, b), bias, beta, alpha)


def _addmm_out(bias: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1, out: Tensor) -> Tensor:
    """Write `beta * bias + alpha * (a @ b)` into `out`."""
    if out.data_ptr() == bias.data_ptr() and beta != 0:  # the product would overwrite the bias
        return out.copy_(_addmm(bias, a, b, beta=beta, alpha=alpha))
    return _scaled_sum(_mm_out(a, b, out=out), bias, beta, alpha)


def _addmm_(total: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Multiply `total` by `beta`, and add `alpha * (a @ b)`, in place."""
    return _addmm_out(total, a, b, beta=beta, alpha=alpha, out=total)


def _scaled_sum(product: Tensor, bias: Tensor, beta: float, alpha: float) -> Tensor:
    if alpha != 1:
        product.mul_(alpha)
    return product.add_(bias, alpha=beta) if beta != 0 else product
