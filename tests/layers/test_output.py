"""The output layer: its losses are those of the logits, block by block too, and its gradients are exact."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from gradus.layers import softmax_loss
from gradus.layers.output import OutputLayer, new_embedding
from gradus.text.special import BOS_ID, PAD_ID

H, V = 6, 19
PREDICTED = torch.tensor([v not in (PAD_ID, BOS_ID) for v in range(V)])


@pytest.fixture(params=[1, 3, 100], ids=lambda rows: f"{rows} rows a block")
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(softmax_loss, "BUFFER_FLOATS", request.param * 32)  # 19 types take 32 floats a row


def layer(form: str) -> OutputLayer:
    torch.manual_seed(0)
    output = OutputLayer(H, new_embedding(V, 4 if form == "projected" else H), tied=form != "untied")
    torch.nn.init.normal_(output.bias)
    return output


def positions() -> tuple[Tensor, Tensor]:
    features = torch.randn(2, 4, H, requires_grad=True)
    return features, torch.tensor([[3, 18, 1, PAD_ID], [PAD_ID, 5, 5, 17]])


def reference(output: OutputLayer, features: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    counted = targets != PAD_ID
    log_probs = output(features)[counted].log_softmax(dim=-1)
    nll = F.nll_loss(log_probs, targets[counted], reduction="sum")
    return (1 - smoothing) * nll - smoothing * log_probs[:, PREDICTED].mean(dim=1).sum()


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("form", ["untied", "tied", "projected"])
def test_loss_and_gradients_are_those_of_the_logits(form: str, smoothing: float) -> None:
    output, (features, targets) = layer(form), positions()
    leaves = [features, *output.parameters()]
    loss, wanted = output.nll(features, targets, smoothing), reference(output, features, targets, smoothing)
    torch.testing.assert_close(loss, wanted)
    torch.testing.assert_close(torch.autograd.grad(loss / 7, leaves), torch.autograd.grad(wanted / 7, leaves))


@pytest.mark.usefixtures("blocks")
def test_the_nats_of_tokens_are_those_of_the_loss() -> None:
    output, (features, targets) = layer("tied"), positions()
    nats = output.token_nats(features, targets)
    wanted = F.cross_entropy(output(features).flatten(0, 1), targets.flatten(), ignore_index=PAD_ID, reduction="none")
    torch.testing.assert_close(nats, wanted.detach().view(2, 4))
    assert not nats.requires_grad
    assert nats[0, 3] == nats[1, 0] == 0


def test_gradients_agree_with_finite_differences() -> None:
    torch.manual_seed(0)
    x, w = (torch.randn(size, H, dtype=torch.float64, requires_grad=True) for size in (5, V))
    b = torch.randn(V, dtype=torch.float64, requires_grad=True)
    targets = torch.tensor([0, 4, 4, 18, 7])
    softmax_loss.softmax_loss(x, w, b, targets, 0.7).backward()
    for leaf in (x, w, b):
        along = torch.randn_like(leaf)
        with torch.no_grad():
            ends = []
            for step in (1e-6, -2e-6):
                leaf += step * along
                ends.append(softmax_loss.softmax_loss(x, w, b, targets, 0.7).item())
            leaf += 1e-6 * along
        assert (ends[0] - ends[1]) / 2e-6 == pytest.approx((leaf.grad * along).sum().item(), rel=1e-6)


def test_smoothing_by_hand() -> None:
    # ids 0 (PAD) and 2 (BOS) are never predicted; types 1, 3 and 4 have p = 1/2, 1/4, 1/4
    output = OutputLayer(1, new_embedding(5, 1), tied=False)
    with torch.no_grad():
        output.weight.copy_(torch.tensor([[0.0], [math.log(2.0)], [0.0], [0.0], [0.0]]))
    features, target = torch.ones(1, 1), torch.tensor([1])
    # 0.7 ln 2 + 0.3 / 3 (ln 2 + ln 4 + ln 4) = 1.2 ln 2
    assert output.nll(features, target, 0.3).item() == pytest.approx(1.2 * math.log(2))
    assert output.nll(features, target).item() == pytest.approx(math.log(2))
    output.nll(features, target, 0.3).backward()
    # p - q: 1/2 - (0.7 + 0.1), 1/4 - 0.1, 1/4 - 0.1, and nothing where nothing is predicted
    torch.testing.assert_close(output.bias.grad, torch.tensor([0.0, -0.3, 0.0, 0.15, 0.15]))


def test_in_bfloat16_the_loss_is_exact_up_to_rounding_and_the_gradients_are_float32() -> None:
    output, (features, targets) = layer("tied"), positions()
    exact = output.nll(features, targets)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = output.nll(features, targets)
    assert 0 < abs(exact.item() - rounded.item()) < 0.01 * exact.item()
    leaves = [features, output.weight, output.bias]
    for one, other in zip(torch.autograd.grad(exact, leaves), torch.autograd.grad(rounded, leaves), strict=True):
        assert other.dtype == torch.float32
        assert 0 < (one - other).norm() < 0.02 * one.norm()


def test_large_logits_do_not_overflow_and_a_loss_without_targets_is_zero() -> None:
    output, (features, targets) = layer("untied"), positions()
    with torch.no_grad():
        output.weight.mul_(1e4)
    assert output.nll(features, targets).isfinite()
    nothing = output.nll(features, torch.full_like(targets, PAD_ID))
    nothing.backward()
    assert nothing.item() == 0
    assert not output.weight.grad.any()


def test_the_gradients_of_a_loss_are_given_once() -> None:
    output, (features, targets) = layer("untied"), positions()
    loss = output.nll(features, targets)
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="computed before"):
        loss.backward()
