"""Products of a recurrent layer's states and gradients with its matrix U."""

import torch
from torch import Tensor


class RecurrentProducts:
    """Products with the matrix U, (G, H), of all gates of a layer. A loop over time computes them position by position.

    In a reduced precision, only the factors and the results of a product are rounded; sums have the precision of the
    states.
    """

    def __init__(self, u: Tensor, dtype: torch.dtype) -> None:
        """Copy U in the type `dtype`. With a contiguous transpose, small products are up to three times faster."""
        self.u = u.detach().to(dtype)
        self.transposed = self.u.t().contiguous()

    def add(self, total: Tensor, h: Tensor, out: Tensor) -> None:
        """Write `total + h U^T` into `out`, (B, G), for states h, (B, H), and a total (B, G) or (G,)."""
        if self.u.dtype == h.dtype:
            torch.addmm(total, h, self.transposed, out=out)
        else:
            torch.add(total, torch.mm(h.to(self.u.dtype), self.transposed), out=out)

    def back(self, gradient: Tensor, out: Tensor) -> None:
        """Write `gradient U` into `out`, (B, H), for a gradient (B, G)."""
        if self.u.dtype == gradient.dtype:
            torch.mm(gradient, self.u, out=out)
        else:
            out.copy_(torch.mm(gradient.to(self.u.dtype), self.u))

    def gradient(self, gradients: Tensor, states: Tensor) -> Tensor:
        """Return the gradient of U: the sum over all positions of `gradient^T h`.

        Args:
            gradients: gradients of `U h`, (T, B, G).
            states: the states h that were multiplied, (T, B, H).
        """
        left, right = (part.flatten(0, 1).to(self.u.dtype) for part in (gradients, states))
        return torch.mm(left.t(), right).to(states.dtype)
