"""The loop over time of an LSTM layer, with its own backward pass."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from gradus.layers.recurrence.products import RecurrentProducts


class LSTMLoop(torch.autograd.Function):
    """LSTM layer, with the gates in the order of torch's module: i, f, candidate, o.

        [a_i; a_f; a_k; a_o] = wx_t + U h_{t-1}
        i = sigmoid(a_i), f = sigmoid(a_f), k = tanh(a_k), o = sigmoid(a_o)
        c_t = f * c_{t-1} + i * k, h_t = o * tanh(c_t)

    With `g = dL/dh_t` and `e = dL/dc_t`, which includes `g o (1 - tanh(c_t)^2)`, the gradients of the sums `a` are
    factors times e, and for `a_o` times g. The factors depend only on the forward pass:

        of a_i: k i (1 - i), of a_f: c_{t-1} f (1 - f), of a_k: i (1 - k^2), of a_o: tanh(c_t) o (1 - o)
    """

    @staticmethod
    def forward(ctx: Any, wx: Tensor, u: Tensor, h: Tensor, c: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Return the states h of all positions, (T, B, H), and the last c, (B, H).

        Args:
            ctx: context of autograd.
            wx: `W x_t + b`, (T, B, 4 H).
            u: U, (4 H, H).
            h: initial h, (B, H).
            c: initial c, (B, H).
            dtype: type of the products with U.
        """
        products, width = RecurrentProducts(u, dtype), h.shape[1]
        states, cells = (wx.new_empty(len(wx) + 1, *h.shape) for _ in range(2))
        states[0], cells[0] = h, c
        gates, tanh_c = torch.empty_like(wx), torch.empty_like(cells[1:])
        i, f, k, o = gates.chunk(4, dim=-1)
        both = gates[..., : 2 * width]  # i and f
        for t in range(len(wx)):
            products.add(wx[t], states[t], out=gates[t])
            both[t].sigmoid_(), k[t].tanh_(), o[t].sigmoid_()
            torch.mul(f[t], cells[t], out=cells[t + 1]).addcmul_(i[t], k[t])
            torch.mul(o[t], torch.tanh(cells[t + 1], out=tanh_c[t]), out=states[t + 1])
        ctx.save_for_backward(states, cells, gates, tanh_c)
        ctx.products = products
        return states[1:], cells[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradients: Tensor, last_c: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of `wx`, `u`, `h` and `c`."""
        states, cells, gates, tanh_c = ctx.saved_tensors
        length, rows, width = tanh_c.shape
        i, f, k, o = gates.chunk(4, dim=-1)
        d = torch.empty_like(gates)  # the gradient of the sums a: first its factors
        d_i, d_f, d_k, d_o = d.chunk(4, dim=-1)
        torch.sub(1, i, out=d_i).mul_(i).mul_(k)
        torch.sub(1, f, out=d_f).mul_(f).mul_(cells[:-1])
        torch.mul(k, k, out=d_k).neg_().add_(1).mul_(i)
        torch.sub(1, o, out=d_o).mul_(o).mul_(tanh_c)
        to_c = tanh_c.square().neg_().add_(1).mul_(o)
        g, e = torch.zeros_like(states[0]), last_c.clone()
        by_gate = d.view(length, rows, 4, width)
        for t in range(length - 1, -1, -1):
            g.add_(gradients[t])
            e.addcmul_(g, to_c[t])
            by_gate[t, :, :3].mul_(e[:, None])
            d_o[t].mul_(g)
            e.mul_(f[t])
            ctx.products.back(d[t], out=g)
        return d, ctx.products.gradient(d, states[:-1]), g, e, None
