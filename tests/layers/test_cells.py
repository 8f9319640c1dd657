"""With the same weights, our cells and our loops have the outputs and gradients of torch's fused modules."""

from typing import Literal

import pytest
import torch
from torch import Tensor, nn

from gradus.layers.recurrence import run
from gradus.layers.recurrence.cell import Cell, CellStack
from gradus.layers.recurrence.gru import GRUCell
from gradus.layers.recurrence.lstm import LSTMCell
from gradus.layers.recurrence.rnn import RNNCell
from gradus.layers.recurrence.table import CELLS

E, H, B, T = 5, 7, 3, 11
FUSED = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
OURS = ("w.weight", "u.weight", "w.bias", "u.bias")


KINDS = [*(kind for kind in CELLS if CELLS[kind].fused), "relu"]
"""The cells with a fused module, and the RNN with its other nonlinearity."""


def cell(kind: str, inputs: int) -> Cell:
    return RNNCell(inputs, H, "relu") if kind == "relu" else CELLS[kind].cell(inputs, H)


def fused_module(kind: str, layers: int) -> nn.Module:
    if kind == "relu":
        return nn.RNN(E, H, layers, nonlinearity="relu", batch_first=True)
    module = CELLS[kind].fused
    assert module is not None
    return module(E, H, layers, batch_first=True)


def gradients(x: Tensor, state: tuple[Tensor, ...], y: Tensor, final: tuple[Tensor, ...], weights: list[Tensor]):
    seed = torch.Generator().manual_seed(5)
    outputs = [y, *final]
    score = sum((out * torch.randn(out.shape, generator=seed)).sum() for out in outputs)
    return torch.autograd.grad(score, [x, *state, *weights])


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_our_cells_equal_the_fused_modules_and_the_loops(
    monkeypatch: pytest.MonkeyPatch, kind: str, layers: int, loop: bool
) -> None:
    monkeypatch.setattr(run, "_needs_loop", lambda module, x: loop)
    torch.manual_seed(0)
    fused = fused_module(kind, layers)
    stack = CellStack([cell(kind, E if layer == 0 else H) for layer in range(layers)])
    for layer in range(layers):
        names = {ours: f"{theirs}_l{layer}" for ours, theirs in zip(OURS, FUSED, strict=True)}
        stack.cells[layer].load_state_dict({ours: fused.state_dict()[name] for ours, name in names.items()})
    x = torch.randn(B, T, E, requires_grad=True)
    state = tuple(torch.randn(layers, B, H, requires_grad=True) for _ in range(cell(kind, E).states))

    ours, our_final = stack(x, state)
    theirs, their_final = run.run_layers(fused, x, state)

    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(our_final, their_final)
    our_weights = [stack.cells[layer].get_parameter(name) for layer in range(layers) for name in OURS]
    their_weights = [fused.get_parameter(f"{name}_l{layer}") for layer in range(layers) for name in FUSED]
    torch.testing.assert_close(
        gradients(x, state, ours, our_final, our_weights), gradients(x, state, theirs, their_final, their_weights)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_loop_in_bfloat16_differs_by_rounding_only(kind: str) -> None:
    torch.manual_seed(0)
    fused = fused_module(kind, 2)
    x = torch.randn(B, T, E, requires_grad=True)
    exact, rounded = [], []
    for results, enabled in ((exact, False), (rounded, True)):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            y, final = run.run_layers(fused, x)
        results.extend([y, *final, *torch.autograd.grad(y.square().sum(), [x, *fused.parameters()])])
    for one, other in zip(exact, rounded, strict=True):
        assert one.dtype == other.dtype == torch.float32
        assert 0 < (one - other).norm() < 0.03 * one.norm()  # 2^-8 per product


@pytest.mark.parametrize("reset", ["before", "after"])
def test_gru_by_hand(reset: Literal["before", "after"]) -> None:
    """One unit, one step.

    x = 1, h = 0.5; W_r = 0, W_z = 0, W_h = 1; U_r = 0, U_z = 0, U_h = 2; biases 0 but b_u = 1.
    r = z = sigmoid(0) = 0.5.
    before: h~ = tanh(1 + (2 * (0.5 * 0.5) + 1)) = tanh(2.5); after: h~ = tanh(1 + 0.5 * (2 * 0.5 + 1)) = tanh(2)
    h' = 0.5 * 0.5 + 0.5 * h~
    """
    gru = GRUCell(1, 1, reset)
    gru.load_state_dict(
        {
            "w.weight": torch.tensor([[0.0], [0.0], [1.0]]),
            "w.bias": torch.zeros(3),
            "u.weight": torch.tensor([[0.0], [0.0], [2.0]]),
            "u.bias": torch.tensor([0.0, 0.0, 1.0]),
        }
    )
    (h,) = gru(gru.w(torch.tensor([[1.0]])), (torch.tensor([[0.5]]),))
    candidate = torch.tanh(torch.tensor(2.5 if reset == "before" else 2.0))
    assert h.item() == pytest.approx(0.25 + 0.5 * candidate.item())


def test_the_two_resets_agree_where_the_reset_gate_is_open() -> None:
    torch.manual_seed(0)
    before, after = GRUCell(E, H, "before"), GRUCell(E, H, "after")
    with torch.no_grad():
        before.w.bias[:H] = 50.0  # r = sigmoid(50) = 1
    after.load_state_dict(before.state_dict())
    x, h = torch.randn(B, T, E), torch.randn(B, H)
    torch.testing.assert_close(before.run(x, (h,)), after.run(x, (h,)))


def test_lstm_with_closed_input_and_open_forget_gate_remembers() -> None:
    lstm = LSTMCell(E, H)
    with torch.no_grad():
        lstm.w.bias[:H] = -50.0  # i = 0
        lstm.w.bias[H : 2 * H] = 50.0  # f = 1
    c = torch.randn(B, H)
    _, (_, final) = lstm.run(torch.randn(B, T, E), (torch.zeros(B, H), c))
    torch.testing.assert_close(final, c)


def test_a_chunk_read_in_two_ends_as_read_in_one() -> None:
    torch.manual_seed(0)
    stack = CellStack([GRUCell(E, H, "before"), GRUCell(H, H, "before")])
    x, state = torch.randn(B, T, E), (torch.zeros(2, B, H),)
    whole, final = stack(x, state)
    first, middle = stack(x[:, :4], state)
    second, end = stack(x[:, 4:], middle)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(end, final)


@pytest.mark.parametrize("kind", CELLS)
def test_a_stack_without_a_state_starts_at_zero(kind: str) -> None:
    torch.manual_seed(0)
    stack, x = CellStack([cell(kind, E), cell(kind, H)]), torch.randn(B, T, E)
    zeros = tuple(torch.zeros(2, B, H) for _ in range(cell(kind, E).states))
    torch.testing.assert_close(stack(x), stack(x, zeros), rtol=0, atol=0)
