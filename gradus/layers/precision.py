"""The precision of matrix products: that of the arrays, or that of torch's autocast."""

import torch
from torch import Tensor


def product_dtype(x: Tensor) -> torch.dtype:
    """Return the type of matrix products with `x`: its own, or the type of autocast if autocast is enabled."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype
