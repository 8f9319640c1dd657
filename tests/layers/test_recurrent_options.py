"""Initial weights and residual connections of recurrent layers."""

import json
import math
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter
from torch import Tensor, nn

from gradus.errors import InputError
from gradus.layers.initialization import recurrent_weights
from gradus.layers.recurrence.config import RecurrentConfig
from gradus.layers.recurrence.run import run_layers
from gradus.layers.recurrence.table import CELLS
from gradus.networks.language_models.build import LMConfig
from gradus.params import validated

E, H, B, T = 6, 8, 3, 5
OPTIONS: dict[str, dict[str, Any]] = {
    "rnn": {"kind": "rnn", "nonlinearity": "relu"},
    "gru": {"kind": "gru", "reset": "after"},
    "gru_before": {"kind": "gru", "reset": "before"},
    "lstm": {"kind": "lstm"},
    "min_gru": {"kind": "min_gru"},
}
every_cell = pytest.mark.parametrize("cell", OPTIONS)
recurrent_cells = pytest.mark.parametrize("cell", [name for name in OPTIONS if name != "min_gru"])


def config(cell: str, **changes: Any) -> RecurrentConfig:
    common = {"embedding": E, "hidden": H, "layers": 2, "dropout": 0.0, "tied": False}
    values = {**OPTIONS[cell], **common, "initial": "uniform", "residual": False, **changes}
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
    module, x = layers(cell, embedding=embedding, residual=True), torch.randn(B, T, embedding)
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    y, _ = run_layers(module, x, zeros(cell, 2))
    torch.testing.assert_close(y, x if embedding == H else torch.zeros(B, T, H), rtol=0, atol=0)


@every_cell
def test_residual_layers_equal_single_layers_and_sums(cell: str) -> None:
    """y_1 = h_1, y_2 = y_1 + h_2, y_3 = y_2 + h_3; the last state of each layer is that of its recurrence."""
    whole, x = layers(cell, layers=3, residual=True), torch.randn(B, T, E)
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
    module, x = layers("lstm", embedding=H, residual=True, dropout=0.9).train(), torch.randn(B, T, H)
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    torch.testing.assert_close(run_layers(module, x, zeros("lstm", 2))[0], x, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("cell", "changes", "message"),
    [
        ("min_gru", {"initial": "orthogonal"}, "initial: uniform for a cell without recurrent matrices"),
        ("lstm", {"layers": 1, "residual": True}, "embedding equal to hidden"),
        ("lstm", {"initial": "zero"}, "initial"),
    ],
)
def test_options_without_an_effect_are_refused(cell: str, changes: dict[str, Any], message: str) -> None:
    common = {"embedding": E, "hidden": H, "layers": 2, "dropout": 0.0, "tied": False}
    values = {**OPTIONS[cell], **common, "initial": "uniform", "residual": False, **changes}
    with pytest.raises(InputError, match=message):
        validated(values, "train_lm.one.network", LMConfig)
