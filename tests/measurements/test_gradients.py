"""Gradients of the state by distance."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from gradus.errors import InputError
from gradus.interfaces.losses import cross_entropy
from gradus.measurements.fresh import fresh_network
from gradus.measurements.gradients import (
    GradientsConfig,
    even_sequences,
    fitted_rate,
    geometric_ratios,
    gradients,
    state_gradients,
)
from gradus.networks.language_models.recurrent import RecurrentLM
from gradus.text.special import EOS_ID
from tests.networks.test_lm_networks import NETWORKS, B, V, network, text
from tests.networks.test_lm_networks import settings as settings_of_network

D = 5


def settings(**changes: object) -> GradientsConfig:
    values: dict[str, object] = {"kind": "gradients", "positions": 4, "warmup": 3, "distance": D, "fit": (1, D)}
    return GradientsConfig(**(values | changes))  # type: ignore[arg-type]


def exact(name: str) -> RecurrentLM:
    model = network(name).double()
    assert isinstance(model, RecurrentLM)
    return model


def targets() -> Tensor:
    return text()[:, -1]


def test_the_gradient_is_the_product_of_the_jacobians() -> None:
    """dL_T/dh_t = W^T diag(1 - h_{t+1}^2) .. W^T diag(1 - h_T^2) dL_T/dh_T, for a tanh network of one layer."""
    model = exact_rnn()
    inputs = text(9)
    (found,) = state_gradients(model, inputs, targets(), D)
    weight = model.recurrence.weight_hh_l0.detach()
    assert isinstance(weight, Tensor)
    with torch.no_grad():
        h = [model(inputs[:, : 9 - D + step], model.initial_state(B))[1][0].squeeze(1) for step in range(D + 1)]
        probabilities = torch.softmax(model.output(h[D]), dim=-1)
    # dL_T/dh_T = U^T (p - y)
    gradient = (probabilities - torch.nn.functional.one_hot(targets(), V)) @ model.output.weight.detach()
    for distance in range(D + 1):
        torch.testing.assert_close(found[distance], gradient.norm(dim=1))
        gradient = (gradient * (1 - h[D - distance] ** 2)) @ weight


def exact_rnn() -> RecurrentLM:
    model = network("rnn", layers=1).double()
    assert isinstance(model, RecurrentLM)
    return model


@pytest.mark.parametrize("name", [name for name in NETWORKS if name.startswith(("rnn", "gru", "lstm", "min_gru"))])
def test_every_distance_equals_one_backward_pass_from_its_state(name: str) -> None:
    model, inputs = exact(name), text(9)
    found = state_gradients(model, inputs, targets(), D)
    for distance in range(1, D + 1):
        with torch.no_grad():
            _, state = model(inputs[:, :-distance], model.initial_state(B))
        leaves = [part.detach().requires_grad_() for part in state]
        logits, _ = model(inputs[:, -distance:], tuple(leaves))  # one call for all tokens
        wanted = torch.autograd.grad(cross_entropy(logits[:, -1:], targets()[:, None]), leaves)
        # h has the distances from 0, c those from 1
        for norms, gradient in zip(found, wanted, strict=True):
            torch.testing.assert_close(norms[distance - (D + 1 - len(norms))], gradient.flatten(1).norm(dim=1))
    assert [len(norms) for norms in found] == [D + 1, D][: len(found)]


def test_sequences_are_spread_over_the_whole_text() -> None:
    ids = np.arange(10, 30)
    inputs, following = even_sequences(ids, settings(positions=3))
    # 20 tokens have 13 sequences of 8 inputs; the first input of the text is EOS
    assert inputs[:, 0].tolist() == [EOS_ID, 15, 21]
    assert inputs.shape == (3, 8)
    assert following.tolist() == [17, 23, 29]


def test_a_short_text_is_refused() -> None:
    with pytest.raises(InputError, match="positions: expected at most 3, .* found 4"):
        even_sequences(np.arange(4, 14), settings())


def test_a_geometric_series_has_its_factor_as_rate() -> None:
    # norms 2 * 0.5^d and 8 * 0.125^d: the geometric mean of the factors is 0.25
    norms = torch.tensor([[2.0, 8.0], [1.0, 1.0], [0.5, 0.125]])
    ratios = geometric_ratios(norms)
    assert ratios == pytest.approx([1, 0.25, 0.0625])
    assert fitted_rate(ratios, [0, 1, 2], (1, 2)) == pytest.approx(0.25)


def test_a_vanished_gradient_has_the_rate_zero() -> None:
    ratios = geometric_ratios(torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]))
    assert ratios == [1, 0, 0]
    assert fitted_rate(ratios, [0, 1, 2], (1, 2)) == 0


def test_all_figures_are_finite_and_networks_stay_as_they_are() -> None:
    config = network("lstm")
    assert isinstance(config, RecurrentLM)
    new = fresh_network(config.config, V, seed=3, device=torch.device("cpu"))
    assert isinstance(new, RecurrentLM)
    ids = text(200)[0].numpy()
    measured = gradients({"initial": new, "trained": config}, ids, settings(distance=8, fit=(2, 8)))
    assert measured["distances"] == list(range(9))
    assert new.embedding.weight.dtype == torch.float32
    for prefix in ("initial", "trained"):
        norms, cell = measured[f"{prefix}_norms"], measured[f"{prefix}_cell_norms"]
        assert isinstance(norms, list) and isinstance(cell, list)
        assert (len(norms), len(cell)) == (9, 8)
        assert all(map(math.isfinite, norms + cell))
        ratios = measured[f"{prefix}_ratios"]
        assert isinstance(ratios, list) and measured[f"{prefix}_kept"] == ratios[-1]
    # uniform weights below 1 / sqrt(8) shrink the gradient
    assert isinstance(measured["initial_rate"], float) and measured["initial_rate"] < 1


def test_a_fit_beyond_the_largest_distance_is_refused() -> None:
    with pytest.raises(ValueError, match="fit"):
        settings(fit=(1, D + 1))


@pytest.mark.parametrize(("nonlinearity", "factor"), [("tanh", 1 / math.sqrt(3)), ("relu", 1 / math.sqrt(6))])
def test_a_new_network_shrinks_the_gradient_by_a_known_factor(nonlinearity: str, factor: float) -> None:
    """Weights uniform in +-1 / sqrt(H) have the variance 1 / (3 H), so a product with U^T shrinks by 1 / sqrt(3).

    A tanh near zero has the slope 1. A ReLU stops half of the components, which is another factor of 1 / sqrt(2).
    """
    config = settings_of_network("rnn", nonlinearity=nonlinearity, embedding=64, hidden=128, layers=1)
    model = fresh_network(config, V, seed=1, device=torch.device("cpu"))
    assert isinstance(model, RecurrentLM)
    measured = gradients({"initial": model}, text(400)[0].numpy(), settings(positions=64, distance=24, fit=(4, 24)))
    assert measured["initial_rate"] == pytest.approx(factor, rel=0.08)
