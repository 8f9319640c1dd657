"""The loop over time of a GRU layer, with its own backward pass."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from gradus.layers.recurrence.products import RecurrentProducts


class GRULoop(torch.autograd.Function):
    """GRU layer whose reset gate is applied after the product with U, as in torch's module.

        [a_r; a_z; a_n] = U h_{t-1} + b_u
        r = sigmoid(wx_r + a_r), z = sigmoid(wx_z + a_z), n = tanh(wx_n + r * a_n)
        h_t = z * h_{t-1} + (1 - z) * n

    The gradients of `wx` and of `U h + b_u` are factors times `g_t = dL/dh_t`. The factors depend only on the forward
    pass:

        of wx_n: k_n = (1 - z) (1 - n^2),  of a_n: k_n r
        of r (both): k_n a_n r (1 - r),    of z (both): (h_{t-1} - n) z (1 - z)
    """

    @staticmethod
    def forward(ctx: Any, wx: Tensor, u: Tensor, bias: Tensor, h: Tensor, dtype: torch.dtype) -> Tensor:
        """Return the states of all positions, (T, B, H).

        Args:
            ctx: context of autograd.
            wx: `W x_t + b`, (T, B, 3 H), in the order r, z, n.
            u: U, (3 H, H).
            bias: b_u, (3 H,).
            h: initial state, (B, H).
            dtype: type of the products with U.
        """
        products, width = RecurrentProducts(u, dtype), h.shape[1]
        states = wx.new_empty(len(wx) + 1, *h.shape)
        states[0] = h
        uh, gates = torch.empty_like(wx), torch.empty_like(wx)
        both, n = gates[..., : 2 * width], gates[..., 2 * width :]  # r and z; n
        r, z = both.chunk(2, dim=-1)
        for t, (before, after) in enumerate(zip(states.unbind(), states[1:].unbind(), strict=False)):
            products.add(bias, before, out=uh[t])
            torch.add(wx[t, :, : 2 * width], uh[t, :, : 2 * width], out=both[t]).sigmoid_()
            torch.addcmul(wx[t, :, 2 * width :], r[t], uh[t, :, 2 * width :], out=n[t]).tanh_()
            torch.lerp(n[t], before, z[t], out=after)
        ctx.save_for_backward(states, gates, uh)
        ctx.products = products
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of `wx`, `u`, `bias` and `h`."""
        states, gates, uh = ctx.saved_tensors
        length, rows, width = states[1:].shape
        r, z, n = gates.chunk(3, dim=-1)
        k_n = n.square().neg_().add_(1).mul_(1 - z)
        d = torch.empty_like(gates)  # the gradient of U h + b_u: first its factors
        d_r, d_z, d_n = d.chunk(3, dim=-1)
        torch.mul(k_n, r, out=d_n)
        torch.mul(d_n, uh[..., 2 * width :], out=d_r).mul_(1 - r)
        torch.sub(states[:-1], n, out=d_z).mul_(z).mul_(1 - z)
        g = gradients.clone(memory_format=torch.contiguous_format)  # g_t without the gradient from later positions
        later = torch.zeros_like(states[0])
        by_gate = d.view(length, rows, 3, width)
        for t in range(length - 1, -1, -1):
            by_gate[t].mul_(g[t].add_(later)[:, None])
            ctx.products.back(d[t], out=later)
            later.addcmul_(g[t], z[t])
        d_wx = torch.cat([d[..., : 2 * width], k_n.mul_(g)], dim=-1)
        return d_wx, ctx.products.gradient(d, states[:-1]), d.sum(dim=(0, 1)), later, None
