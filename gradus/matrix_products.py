"""Matrix products of torch on the CPU by NumPy's BLAS.

MKL, which torch's wheels bring, has no fast kernels that give the same bytes on processors of Intel and AMD. The
OpenBLAS of NumPy's wheels does, and is as fast as MKL is at its best. What is not replaced here (attention's fused
kernel, products of a matrix and a vector) stays with MKL in its compatible mode: slower, and portable too.
"""

import warnings

import numpy as np
import torch
from torch import Tensor

_KERNELS = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]


def use_numpy_blas() -> None:
    """Let torch compute `mm`, `addmm` and `bmm` on the CPU by NumPy, for the rest of the process."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*Overriding a previously registered kernel", UserWarning)  # it is meant
        for name, kernel in (("mm", _mm), ("addmm", _addmm), ("bmm", _bmm)):
            _KERNELS.impl(name, kernel, "CPU", allow_override=True)  # type: ignore[no-untyped-call]


def _mm(a: Tensor, b: Tensor) -> Tensor:
    """Return a b: (N, K) by (K, M)."""
    try:
        # Not `matmul`, which looks for infinities afterwards and costs a microsecond more.
        return torch.from_numpy(np.dot(a.numpy(force=True), b.numpy(force=True)))
    except TypeError:  # bfloat16 and float16, which NumPy's BLAS does not know
        return _mm(a.float(), b.float()).to(a.dtype)


def _bmm(a: Tensor, b: Tensor) -> Tensor:
    """Return the product of every pair of matrices: (B, N, K) by (B, K, M)."""
    try:
        with np.errstate(all="ignore"):  # infinities are for the caller to see, as torch leaves them
            return torch.from_numpy(np.matmul(a.numpy(force=True), b.numpy(force=True)))
    except TypeError:
        return _bmm(a.float(), b.float()).to(a.dtype)


def _addmm(bias: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta bias + alpha a b; with beta = 0 the bias may be NaN."""
    product = _mm(a, b)
    if alpha != 1:
        product.mul_(alpha)
    return product.add_(bias, alpha=beta) if beta != 0 else product
