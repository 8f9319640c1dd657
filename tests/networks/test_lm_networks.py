"""Properties of every language model."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter
from torch import Tensor

from gradus.artifacts.seals import write_seal
from gradus.device import Device
from gradus.errors import InputError
from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State, detach, select_rows
from gradus.layers.recurrence.table import CELLS
from gradus.networks.description import NetworkConfig
from gradus.networks.language_models.build import LanguageModelDescription, LMConfig, build_lm, load_lm, open_lm
from gradus.networks.language_models.step import LanguageModelStep
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID
from gradus.weights import NETWORK, write_model

V, B, T = 11, 3, 23
OPTIONS = {"rnn": {"nonlinearity": "tanh"}, "gru": {"reset": "after"}}
RECURRENT = {
    "embedding": 6,
    "hidden": 8,
    "layers": 1,
    "dropout": 0.0,
    "tied": False,
    "initial": "uniform",
    "skip": "none",
}
TRANSFORMER = {"width": 8, "heads": 2, "layers": 2, "feedforward": 16, "window": 6, "dropout": 0.0, "tied": True}
NETWORKS: dict[str, dict[str, Any]] = {
    "ffnn": {"kind": "ffnn", "window": 3, "embedding": 6, "hidden": 8, "dropout": 0.0, "tied": False},
    "ffnn_tied": {"kind": "ffnn", "window": 1, "embedding": 6, "hidden": 8, "dropout": 0.0, "tied": True},
    **{kind: {"kind": kind, **OPTIONS.get(kind, {}), **RECURRENT, "layers": 2} for kind in CELLS},
    "rnn_relu": {"kind": "rnn", "nonlinearity": "relu", **RECURRENT},
    "gru_before": {"kind": "gru", "reset": "before", **RECURRENT, "layers": 2},
    "lstm_tied": {"kind": "lstm", **RECURRENT, "layers": 2, "tied": True},
    "lstm_residual": {"kind": "lstm", **RECURRENT, "layers": 2, "skip": "residual", "initial": "orthogonal"},
    "gru_before_residual": {"kind": "gru", "reset": "before", **RECURRENT, "embedding": 8, "skip": "residual"},
    "transformer": {"kind": "transformer", "positions": "learned", **TRANSFORMER},
    "transformer_sinusoidal": {"kind": "transformer", "positions": "sinusoidal", **TRANSFORMER, "window": 5},
}
every_network = pytest.mark.parametrize("name", NETWORKS)


def settings(name: str, **changes: Any) -> NetworkConfig:
    config: NetworkConfig = TypeAdapter(LMConfig).validate_json(json.dumps(NETWORKS[name] | changes))
    return config


def network(name: str, **changes: Any) -> LanguageModel:
    torch.manual_seed(1)
    model = build_lm(settings(name, **changes), V)
    with torch.no_grad():  # far from symmetric, so that nothing agrees by being small
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return model.eval()


def text(length: int = T) -> Tensor:
    """Rows of tokens, without PAD and BOS, which no text holds."""
    allowed = torch.tensor([1, *range(EOS_ID, V)])
    return allowed[torch.randint(len(allowed), (B, length), generator=torch.Generator().manual_seed(7))]


def read(model: LanguageModel, pieces: tuple[Tensor, ...]) -> tuple[Tensor, State]:
    state, logits = model.initial_state(B), []
    for piece in pieces:
        out, state = model(piece, state)
        logits.append(out)
    return torch.cat(logits, dim=1), state


@every_network
@pytest.mark.parametrize("size", [1, 4, 6, 7])
def test_chunks_give_the_logits_of_the_whole(name: str, size: int) -> None:
    model = network(name)
    whole, _ = read(model, (text(),))
    assert whole.shape == (B, T, V)
    torch.testing.assert_close(read(model, text().split(size, dim=1))[0], whole, rtol=1e-4, atol=1e-5)


@every_network
def test_a_later_token_never_moves_an_earlier_logit(name: str) -> None:
    model, changed = network(name), text()
    changed[:, 9] = 4 + (changed[:, 9] + 1) % (V - 4)
    before, after = read(model, (text(),))[0], read(model, (changed,))[0]
    torch.testing.assert_close(before[:, :9], after[:, :9])
    assert not torch.allclose(before[:, 9], after[:, 9])


@every_network
def test_pad_and_bos_are_never_predicted_and_the_rest_sums_to_one(name: str) -> None:
    log_probs = read(network(name), (text(),))[0].log_softmax(-1)
    assert torch.all(log_probs[..., [PAD_ID, BOS_ID]] == -math.inf)
    torch.testing.assert_close(log_probs.exp().sum(-1), torch.ones(B, T))
    others = [token for token in range(V) if token not in (PAD_ID, BOS_ID)]
    assert torch.all(log_probs[..., others] > -math.inf)


@every_network
def test_the_loss_has_finite_gradients(name: str) -> None:
    model = network(name)
    logits, _ = read(model, (text(),))
    torch.nn.functional.cross_entropy(logits.flatten(0, 1), text().flatten()).backward()
    for parameter_name, parameter in model.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert torch.isfinite(parameter.grad).all(), parameter_name


@every_network
def test_a_row_is_alone_in_its_batch(name: str) -> None:
    model = network(name)
    whole, _ = read(model, (text(),))
    alone, _ = model(text()[1:2], model.initial_state(1))
    torch.testing.assert_close(alone[0], whole[1], rtol=1e-4, atol=1e-5)


@every_network
def test_selected_rows_go_on_as_their_originals(name: str) -> None:
    model, rows = network(name), torch.tensor([2, 0, 0, 1, 2])
    whole, _ = read(model, (text(),))
    _, state = read(model, (text()[:, :8],))
    rest, _ = model(text()[rows, 8:], select_rows(state, rows))
    torch.testing.assert_close(rest, whole[rows, 8:], rtol=1e-4, atol=1e-5)


@every_network
def test_a_call_leaves_the_state_it_was_given(name: str) -> None:
    model = network(name)
    _, state = read(model, (text()[:, :4],))
    kept = tuple(part.clone() for part in state)
    model(text()[:, 4:6], state)
    assert all(torch.equal(part, copy) for part, copy in zip(state, kept, strict=True))


@every_network
def test_steps_give_the_distributions_of_the_whole(name: str) -> None:
    model = network(name)
    step = LanguageModelStep(model)
    assert (step.first, step.vocabulary_size) == (EOS_ID, V)
    inputs = torch.cat([torch.full((B, 1), step.first), text()[:, :-1]], dim=1)
    whole = read(model, (inputs,))[0].log_softmax(-1)
    state = step.start(B)
    for t in range(T):
        log_probs, state = step.step(inputs[:, t], state)
        assert log_probs.dtype == torch.float32
        torch.testing.assert_close(log_probs, whole[:, t], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", [*CELLS, "gru_before"])
def test_detached_state_cuts_the_gradient_and_keeps_the_values(name: str) -> None:
    model = network(name)

    def gradient(cut: bool) -> Tensor:
        """Gradient of the second chunk's loss for the embedding of a token that only the first chunk has."""
        model.zero_grad()
        first, second = torch.full((1, 2), 4), torch.full((1, 2), 5)
        _, state = model(first, model.initial_state(1))
        logits, _ = model(second, detach(state) if cut else state)
        logits[..., 6].sum().backward()
        grad = model.embedding.weight.grad
        assert grad is not None
        return grad[4].clone()

    assert torch.count_nonzero(gradient(cut=True)) == 0
    assert torch.count_nonzero(gradient(cut=False)) > 0


def test_the_fixed_window_reads_its_window_and_no_more() -> None:
    model, changed = network("ffnn"), text()
    changed[:, 9] = 4 + (changed[:, 9] + 1) % (V - 4)
    before, after = read(model, (text(),))[0], read(model, (changed,))[0]
    moved = (before != after).any(-1).any(0).nonzero().flatten().tolist()
    assert moved == [9, 10, 11]  # the predictions of tokens 10, 11 and 12 read token 9


def test_the_transformer_forgets_what_left_its_window() -> None:
    """The first window holds tokens 0-5, the second 3-8, the third 6-11."""
    model, changed = network("transformer"), text()
    changed[:, 2] = 4 + (changed[:, 2] + 1) % (V - 4)
    before, after = read(model, (text(),))[0], read(model, (changed,))[0]
    moved = (before != after).any(-1).any(0).nonzero().flatten().tolist()
    assert moved == [2, 3, 4, 5]


def save(folder: Path, model: LanguageModel, name: str) -> None:
    """Write a model with the description of network `name`, which may be another network."""
    device = Device(kind="cpu", name="portable kernels")
    about = LanguageModelDescription(
        network=settings(name), vocabulary_size=V, tokenizer_sha256="ab", device=device, parameters=1
    )
    write_model(folder, model.state_dict(), about)
    write_seal(folder, NETWORK)


@every_network
def test_a_folder_gives_back_the_model(name: str, tmp_path: Path) -> None:
    model = network(name)
    save(tmp_path, model, name)
    description = open_lm(tmp_path)
    again = load_lm(tmp_path, description)
    assert description.vocabulary_size == V
    assert not again.training
    assert torch.equal(read(again, (text(),))[0], read(model, (text(),))[0])


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save(tmp_path, network("lstm"), "gru")
    with pytest.raises(InputError, match=r"weights.safetensors: expected .* as in config.json"):
        load_lm(tmp_path, open_lm(tmp_path))


def test_tied_weights_are_one_tensor_and_a_projection_bridges_the_widths() -> None:
    model = network("lstm_tied")
    assert model.output.weight is model.embedding.weight
    assert model.output.projection.weight.shape == (6, 8)  # hidden 8 to embedding 6
    assert network("transformer").output.projection is None


def test_a_width_that_the_heads_do_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of the number of heads"):
        network("transformer", width=10, heads=4)


@every_network
@pytest.mark.parametrize("length", [1, 4, 40])
def test_the_size_of_a_row_s_state_is_known_before(name: str, length: int) -> None:
    """A Transformer's state grows until the window is full, and then starts again at half a window."""
    step = LanguageModelStep(network(name))
    state = step.start(B)
    largest = 0
    for token in text(length).unbind(dim=1):
        _, state = step.step(token, state)
        largest = max(largest, sum(part.nbytes for part in state) // B)
    assert step.state_bytes(length) == largest
