"""Initial weights, dropout of every site, and connections that skip layers."""

import json
import math
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter
from torch import Tensor, nn

from gradus.errors import InputError
from gradus.layers.dropout import RandomZeros, drop_types, mask
from gradus.layers.initialization import recurrent_weights
from gradus.layers.recurrence.config import RecurrentConfig
from gradus.layers.recurrence.run import run_layers
from gradus.layers.recurrence.table import CELLS
from gradus.networks.language_models.build import LMConfig, build_lm
from gradus.params import validated

E, H, B, T = 6, 8, 3, 5
OPTIONS: dict[str, dict[str, Any]] = {
    "rnn": {"kind": "rnn", "nonlinearity": "relu"},
    "gru": {"kind": "gru", "reset": "after"},
    "gru_before": {"kind": "gru", "reset": "before"},
    "lstm": {"kind": "lstm"},
    "min_gru": {"kind": "min_gru"},
}
SITES = {"embedding": 0.0, "inputs": 0.0, "hidden": 0.0, "outputs": 0.0, "recurrent": 0.0}
every_cell = pytest.mark.parametrize("cell", OPTIONS)
recurrent_cells = pytest.mark.parametrize("cell", [name for name in OPTIONS if name != "min_gru"])


def config(cell: str, **changes: Any) -> RecurrentConfig:
    common = {"embedding": E, "hidden": H, "layers": 2, "dropout": 0.0, "tied": False}
    values = {**OPTIONS[cell], **common, "initial": "uniform", "skip": "none", **changes}
    settings: RecurrentConfig = TypeAdapter(LMConfig).validate_json(json.dumps(values))
    return settings


def layers(cell: str, seed: int = 1, **changes: Any) -> nn.Module:
    torch.manual_seed(seed)
    return config(cell, **changes).recurrence()


def zeros(cell: str, depth: int) -> tuple[Tensor, ...]:
    return (torch.zeros(depth, B, H),) * CELLS[OPTIONS[cell]["kind"]].cell.states


@recurrent_cells
def test_orthogonal_keeps_the_length_of_every_gate(cell: str) -> None:
    module = layers(cell, initial="orthogonal")
    stacked = list(recurrent_weights(module))
    assert len(stacked) == 2
    for gate in (gate for weight in stacked for gate in weight.split(H)):
        torch.testing.assert_close(gate @ gate.t(), torch.eye(H), atol=1e-5, rtol=0)


@recurrent_cells
def test_orthogonal_columns_keeps_the_length_of_all_gates_together(cell: str) -> None:
    for weight in recurrent_weights(layers(cell, initial="orthogonal_columns")):
        torch.testing.assert_close(weight.t() @ weight, torch.eye(H), atol=1e-5, rtol=0)


@recurrent_cells
@pytest.mark.parametrize("initial", ["orthogonal", "orthogonal_columns"])
def test_the_other_matrices_are_glorot_uniform_and_biases_zero(cell: str, initial: str) -> None:
    module = layers(cell, initial=initial)
    recurrent = {id(weight) for weight in recurrent_weights(module)}
    for weight in module.parameters():
        if weight.dim() == 1:
            assert not weight.any()
        elif id(weight) not in recurrent:
            bound = math.sqrt(6 / sum(weight.shape))
            assert 0.8 * bound < weight.abs().max() <= bound


@every_cell
def test_uniform_is_the_distribution_of_torch(cell: str) -> None:
    for weight in layers(cell).parameters():
        assert 0.5 / math.sqrt(H) < weight.abs().max() <= 1 / math.sqrt(H)


@every_cell
@pytest.mark.parametrize("embedding", [E, H])
def test_a_residual_layer_adds_its_inputs_where_the_widths_agree(cell: str, embedding: int) -> None:
    """Layers with weights of zero have h = 0, so each of them returns its inputs, if their width is that of h."""
    module, x = layers(cell, embedding=embedding, skip="residual"), torch.randn(B, T, embedding)
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    y, _ = run_layers(module, x, zeros(cell, 2))
    torch.testing.assert_close(y, x if embedding == H else torch.zeros(B, T, H), rtol=0, atol=0)


@every_cell
def test_residual_layers_equal_single_layers_and_sums(cell: str) -> None:
    """y_1 = h_1, y_2 = y_1 + h_2, y_3 = y_2 + h_3; the last state of each layer is that of its recurrence."""
    whole, x = layers(cell, layers=3, skip="residual"), torch.randn(B, T, E)
    y, final = run_layers(whole, x, zeros(cell, 3))
    expected = x
    for number in range(3):
        alone = config(cell, layers=1, embedding=expected.shape[-1]).recurrence()
        alone.load_state_dict(whole.layers[number].state_dict())  # type: ignore[union-attr,operator,index]
        h, last = run_layers(alone, expected, zeros(cell, 1))
        expected = expected + h if number else h
        for part, own in zip(final, last, strict=True):
            torch.testing.assert_close(part[number : number + 1], own)
    torch.testing.assert_close(y, expected)


def test_dropout_spares_the_inputs_that_are_added() -> None:
    module, x = layers("lstm", embedding=H, skip="residual", dropout=0.9).train(), torch.randn(B, T, H)
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    torch.testing.assert_close(run_layers(module, x, zeros("lstm", 2))[0], x, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("cell", "changes", "message"),
    [
        ("min_gru", {"initial": "orthogonal"}, "initial: uniform for a cell without recurrent matrices"),
        ("lstm", {"layers": 1, "skip": "residual"}, "embedding equal to hidden"),
        ("lstm", {"initial": "zero"}, "initial"),
        ("lstm", {"layers": 1, "skip": "output"}, "2 or more layers, so that there are several outputs"),
        ("min_gru", {"dropout": {**SITES, "recurrent": 0.5}}, "dropout.recurrent: 0 for a cell that is no module"),
        ("gru_before", {"dropout": {**SITES, "recurrent": 0.5}}, "dropout.recurrent: 0 for a cell that is no module"),
        ("lstm", {"dropout": {"inputs": 0.5}}, "dropout.embedding: expected a value, found none"),
        ("lstm", {"dropout": 1.0}, "dropout: expected a number below 1"),
    ],
)
def test_options_without_an_effect_are_refused(cell: str, changes: dict[str, Any], message: str) -> None:
    common = {"embedding": E, "hidden": H, "layers": 2, "dropout": 0.0, "tied": False}
    values = {**OPTIONS[cell], **common, "initial": "uniform", "skip": "none", **changes}
    with pytest.raises(InputError, match=message):
        validated(values, "train_lm.one.network", LMConfig)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_dropped_recurrent_weights_differ_between_calls_and_the_weight_itself_is_trained(cell: str) -> None:
    """torch's parametrizations freeze the weights of recurrent modules; this test would show it."""
    module, x = layers(cell, layers=1, dropout={**SITES, "recurrent": 0.5}), torch.randn(B, T, E)
    state = tuple(part + 1 for part in zeros(cell, 1))
    one, other = (run_layers(module, x, state)[0] for _ in range(2))
    assert not torch.equal(one, other)
    (weight,) = recurrent_weights(module)
    before = weight.detach().clone()
    one.sum().backward()  # type: ignore[no-untyped-call]
    assert weight.grad is not None
    assert 0.3 < (weight.grad == 0).float().mean() < 0.7  # the weights that were dropped in this call
    torch.optim.SGD(module.parameters(), lr=1.0).step()
    assert not torch.equal(weight, before)
    module.eval()
    plain = layers(cell, layers=1)
    plain.load_state_dict({name.removeprefix("layers.0.layer."): part for name, part in module.state_dict().items()})
    torch.testing.assert_close(run_layers(module, x, state), run_layers(plain.eval(), x, state))


def test_recurrent_weights_are_the_same_at_all_positions_of_a_call() -> None:
    """With W = 0 and U diagonal, a unit whose weight is dropped stays at zero after the first position."""
    module = layers("rnn", layers=1, dropout={**SITES, "recurrent": 0.5})
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    (weight,) = recurrent_weights(module)
    nn.init.eye_(weight)
    y, _ = run_layers(module, torch.zeros(1, 4, E), (torch.full((1, 1, H), 0.5),))
    dropped = y[0, 0] == 0
    assert dropped.any() and not dropped.all()
    assert not y[0, :, dropped].any() and y[0, :, ~dropped].all()


def test_locked_dropout_has_one_mask_for_all_positions() -> None:
    torch.manual_seed(0)
    dropout, x = RandomZeros(0.5, locked=True), torch.ones(4, 9, 30)
    y = dropout(x)
    assert set(y.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(y, y[:, :1].expand_as(y))
    assert not torch.equal(y[0], y[1])
    assert not torch.equal(y, dropout(x))
    assert dropout.eval()(x) is x


def test_dropped_types_are_zero_wherever_they_are_read() -> None:
    torch.manual_seed(0)
    tokens = torch.randint(0, 20, (5, 40))
    y = drop_types(torch.ones(5, 40, 3), tokens, 20, 0.5)
    values = {token: y[tokens == token].unique().tolist() for token in range(20)}
    assert {len(found) for found in values.values()} == {1}
    assert {found[0] for found in values.values()} == {0.0, 2.0}


@pytest.mark.parametrize("site", SITES)
def test_every_site_changes_the_training_and_not_the_evaluation(site: str) -> None:
    torch.manual_seed(0)
    model = build_lm(config("lstm", dropout={**SITES, site: 0.5}), 12)
    tokens = torch.randint(3, 12, (2, 6))
    for training in (True, False):
        model.train(training)
        torch.manual_seed(1)
        one, other = (model(tokens, model.initial_state(2))[0][..., 3:] for _ in range(2))
        assert torch.equal(one, other) is not training


def test_the_features_of_the_skip_output_are_the_sum_of_all_outputs() -> None:
    module, x = layers("lstm", skip="output"), torch.randn(B, T, E)
    plain = layers("lstm", skip="none", dropout={**SITES, "hidden": 0.5}).eval()
    plain.load_state_dict(module.state_dict())
    first = run_layers(plain.layers[0], x, zeros("lstm", 1))[0]  # type: ignore[index]
    y, final = run_layers(module, x, zeros("lstm", 2))
    top, plain_final = run_layers(plain, x, zeros("lstm", 2))
    torch.testing.assert_close(y, first + top)
    torch.testing.assert_close(final, plain_final)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_mask_has_the_rate_and_keeps_the_mean(rate: float) -> None:
    torch.manual_seed(0)
    drawn = mask((700, 301), rate, torch.ones(1))
    deviation = math.sqrt(rate * (1 - rate) / drawn.numel())
    assert (drawn == 0).float().mean().item() == pytest.approx(rate, abs=4 * deviation)
    assert drawn.unique().tolist() == pytest.approx([0, 1 / (1 - rate)])
    rows = (drawn != 0).float().mean(dim=1)  # neighbours are independent: the spread of a row is that of a binomial
    assert rows.std().item() == pytest.approx(math.sqrt(rate * (1 - rate) / 301), rel=0.15)


def test_reading_the_settings_draws_no_random_numbers() -> None:
    """A check of the settings must not build a layer: the initial weights of the network would change."""
    before = torch.get_rng_state()
    assert config("gru", dropout={**SITES, "recurrent": 0.5}).is_fused
    assert torch.equal(torch.get_rng_state(), before)
