"""The minimal gated recurrent unit (minGRU). A parallel scan computes all positions of a chunk."""

from typing import Any, ClassVar, Literal, cast

import torch
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.interfaces.state import State
from gradus.layers.recurrence.cell import Cell
from gradus.layers.recurrence.config import RecurrentConfig
from gradus.params import STRICT


class MinGRUCell(Cell):
    """Minimal gated recurrent unit (minGRU).

    z_t  = sigmoid(W_z x_t + b_z)
    h~_t = W_h x_t + b_h
    h_t  = (1 - z_t) * h_{t-1} + z_t * h~_t

    The gate `z_t` and the candidate `h~_t` depend only on `x_t`. So `h_t` is linear in `h_{t-1}`, and a parallel scan
    computes all positions of a chunk. Where `GRUCell` has `z`, this cell has `1 - z`, as in the paper.

    Source: the vanilla form in section 3.1 of Feng et al. (2024), Were RNNs all we needed? The paper also has a form
    that scans logarithms, but this form needs positive candidates. The scan here takes no logarithms, so `h` may
    be negative.
    """

    gates = 2
    recurrent = False

    def forward(self, wx: Tensor, state: State) -> State:
        """Return (h_t,)."""
        (h,) = state
        z, candidate = self._gate(wx.to(h.dtype))
        return ((1 - z) * h + z * candidate,)

    def run(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Run the cell over a chunk by a scan. Up to rounding, the result is the same as that of `Cell.run`."""
        (h,) = state
        z, candidate = self._gate(self.w(x).to(h.dtype))  # (B, T, H), float32 like the state
        states = linear_recurrence(1 - z, z * candidate, h)
        return states, (states[:, -1],)

    def _gate(self, wx: Tensor) -> tuple[Tensor, Tensor]:
        gate, candidate = wx.chunk(2, dim=-1)
        return torch.sigmoid(gate), candidate


class LinearRecurrence(torch.autograd.Function):
    """Differentiable linear recurrence over a chunk: `h_t = a_t h_{t-1} + b_t`.

    The gradient of the loss L needs the same recurrence in reverse order:

        g_t = a_{t+1} g_{t+1} + dL/dh_t
        dL/da_t = g_t h_{t-1}, dL/db_t = g_t, dL/dh_0 = a_1 g_1

    So the backward pass needs only `a` and `h`. Automatic differentiation would store every level of the scan.
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, h: Tensor) -> Tensor:
        """Return the states `h_1 .. h_T`, (B, T, H), for `a` and `b`, each (B, T, H), and `h_0`, (B, H)."""
        b = b.clone()  # a function of autograd must not change its inputs
        b[:, 0] += a[:, 0] * h
        states = scan(a, b)
        ctx.save_for_backward(a, states, h)
        return states

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the gradients of `a`, `b` and `h_0`."""
        a, states, h = ctx.saved_tensors
        # g_T has no successor, so its factor a_{T+1} is zero.
        next_a = torch.cat([a[:, 1:], torch.zeros_like(a[:, :1])], dim=1)
        g = scan(next_a.flip(1), gradient.flip(1)).flip(1)
        return g * torch.cat([h[:, None], states[:, :-1]], dim=1), g, a[:, 0] * g[:, 0]


def linear_recurrence(a: Tensor, b: Tensor, h: Tensor) -> Tensor:
    """Compute the recurrence `h_t = a_t h_{t-1} + b_t`; return `h_1 .. h_T`, (B, T, H). See `LinearRecurrence`."""
    return cast(Tensor, LinearRecurrence.apply(a, b, h))  # type: ignore[no-untyped-call]


def scan(a: Tensor, b: Tensor) -> Tensor:
    """Compute `h_t = a_t h_{t-1} + b_t` for t = 1 .. T, where `h_0 = 0`. Both `a` and `b` have the shape (B, T, H).

    Two consecutive steps can be combined into one:

        h_{t+1} = (a_{t+1} a_t) h_{t-1} + (a_{t+1} b_t + b_{t+1})

    So a recurrence of half the length computes every second `h_t`, and one more step computes the others. The recursion
    needs `2 log2 T` operations on tensors, one after another. Their total work is linear in T.

    The scan only multiplies and adds. If every `a_t` is in [0, 1], nothing overflows. A value of zero is no special
    case.

    Source: Blelloch (1990), Prefix sums and their applications.
    """
    length = a.shape[1]
    if length == 1:
        return b
    first, second = slice(0, length - 1, 2), slice(1, None, 2)  # the two steps of every pair
    seconds = scan(a[:, second] * a[:, first], torch.addcmul(b[:, second], a[:, second], b[:, first]))
    h = b.clone()
    h[:, second] = seconds
    h[:, 2::2].addcmul_(a[:, 2::2], seconds[:, : (length - 1) // 2])
    return h


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MinGRUConfig(RecurrentConfig):
    """Settings of a recurrent language model with minGRU cells."""

    cell: ClassVar[type[Cell]] = MinGRUCell

    kind: Literal["min_gru"]
