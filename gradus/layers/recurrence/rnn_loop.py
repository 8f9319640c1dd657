"""The loop over time of a simple recurrent layer, with its own backward pass."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from gradus.layers.recurrence.products import RecurrentProducts


class RNNLoop(torch.autograd.Function):
    """Simple recurrent layer: `h_t = f(wx_t + U h_{t-1})`, where `f` is tanh or ReLU.

    With `g_t = dL/dh_t`, which includes the gradient from later positions, the backward pass computes
    `d_t = f' * g_t`, the gradient of `wx_t`, and adds `U^T d_t` to `g_{t-1}`. The derivative `f'` is `1 - h_t^2` for
    tanh and `[h_t > 0]` for ReLU.
    """

    @staticmethod
    def forward(ctx: Any, wx: Tensor, u: Tensor, h: Tensor, relu: bool, dtype: torch.dtype) -> Tensor:
        """Return the states of all positions, (T, B, H).

        Args:
            ctx: context of autograd.
            wx: `W x_t + b`, (T, B, H).
            u: U, (H, H).
            h: initial state, (B, H).
            relu: whether `f` is ReLU.
            dtype: type of the products with U.
        """
        products = RecurrentProducts(u, dtype)
        states = wx.new_empty(len(wx) + 1, *h.shape)
        states[0] = h
        f = torch.relu_ if relu else torch.tanh_
        for total, before, after in zip(wx.unbind(), states.unbind(), states[1:].unbind(), strict=False):
            products.add(total, before, out=after)
            f(after)
        ctx.save_for_backward(states)
        ctx.products, ctx.relu = products, relu
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of `wx`, `u` and `h`."""
        (states,) = ctx.saved_tensors
        after = states[1:]
        d = (after > 0).to(after.dtype) if ctx.relu else after.square().neg_().add_(1)
        g = torch.zeros_like(states[0])
        for d_t, gradient in zip(reversed(d.unbind()), reversed(gradients.unbind()), strict=True):
            d_t.mul_(g.add_(gradient))
            ctx.products.back(d_t, out=g)
        return d, ctx.products.gradient(d, states[:-1]), g, None, None
