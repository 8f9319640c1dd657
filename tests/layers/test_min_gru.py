"""The scan of the minimal GRU equals the loop over its steps."""

import pytest
import torch
from torch import Tensor

from gradus.layers.recurrence.cell import Cell
from gradus.layers.recurrence.min_gru import MinGRUCell, linear_recurrence, scan

B, E, H = 3, 5, 4


def run(kind: str, cell: MinGRUCell, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    outputs, (final,) = Cell.run(cell, x, (h,)) if kind == "loop" else cell.run(x, (h,))
    return outputs, final


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 33, 300])
def test_scan_and_loop_have_the_same_values_and_gradients(length: int, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    cell = MinGRUCell(E, H).to(dtype)
    x, h = torch.randn(B, length, E, dtype=dtype, requires_grad=True), torch.randn(B, H, dtype=dtype).requires_grad_()
    weights = [torch.randn(B, length, H, dtype=dtype), torch.randn(B, H, dtype=dtype)]
    found = []
    for kind in ("loop", "scan"):
        outputs = run(kind, cell, x, h)
        score = sum((weight * output).sum() for weight, output in zip(weights, outputs, strict=True))
        found.append((*outputs, *torch.autograd.grad(score, [x, h, *cell.parameters()])))
    torch.testing.assert_close(found[0], found[1])


def test_chunks_give_the_states_of_the_whole() -> None:
    torch.manual_seed(0)
    cell, x, h = MinGRUCell(E, H), torch.randn(B, 20, E), torch.randn(B, H)
    whole, final = run("scan", cell, x, h)
    pieces = []
    for chunk in x.split(6, dim=1):
        piece, h = run("scan", cell, chunk, h)
        pieces.append(piece)
    torch.testing.assert_close(torch.cat(pieces, dim=1), whole)
    torch.testing.assert_close(h, final)


def test_one_step_by_hand() -> None:
    """W_z = 0, b_z = ln 3: z = 3/4. W_h = 2, b_h = 1, x = 1: h~ = 3. h = 1/4 * 8 + 3/4 * 3 = 4.25."""
    cell = MinGRUCell(1, 1)
    bias = torch.tensor([3.0]).log()
    cell.load_state_dict({"w.weight": torch.tensor([[0.0], [2.0]]), "w.bias": torch.cat([bias, torch.ones(1)])})
    h = torch.tensor([[8.0]])
    assert run("loop", cell, torch.ones(1, 1, 1), h)[1].item() == pytest.approx(4.25)
    assert run("scan", cell, torch.ones(1, 1, 1), h)[1].item() == pytest.approx(4.25)


def test_the_gradient_is_that_of_finite_differences() -> None:
    torch.manual_seed(0)
    a, b = torch.rand(2, 6, 3, dtype=torch.float64), torch.randn(2, 6, 3, dtype=torch.float64)
    h = torch.randn(2, 3, dtype=torch.float64)
    assert torch.autograd.gradcheck(linear_recurrence, [part.requires_grad_() for part in (a, b, h)])


@pytest.mark.parametrize("gate", [0.0, 1e-30, 1.0])
def test_gates_that_are_closed_or_open_stay_finite(gate: float) -> None:
    """a = 0: h_t = b_t; a = 1: h_t = b_1 + .. + b_t. A scan that divides by products of a would give NaN."""
    b = torch.arange(1.0, 1001.0).reshape(1, 1000, 1)
    h = scan(torch.full_like(b, gate), b)
    torch.testing.assert_close(h, b.cumsum(1) if gate == 1.0 else b)


def test_in_bfloat16_states_and_gates_stay_in_float32() -> None:
    torch.manual_seed(0)
    cell = MinGRUCell(E, H)
    x, h = torch.randn(B, 300, E), torch.randn(B, H)
    exact, _ = cell.run(x, (h,))
    with torch.autocast("cpu", torch.bfloat16):
        rounded, (final,) = cell.run(x, (h,))
    assert rounded.dtype == final.dtype == torch.float32
    # a gate in bfloat16 could not hold states apart that differ by less than 2^-8
    assert 0 < (rounded - exact).norm() < 0.01 * exact.norm()
