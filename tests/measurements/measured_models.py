"""Tiny untrained networks, n-gram models and a text to measure."""

import json
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter

from gradus.artifacts.places import new_folder
from gradus.artifacts.seals import write_seal
from gradus.device import Device
from gradus.measurements.opening import TrainedSettings, open_subject
from gradus.measurements.subject import Subject
from gradus.networks.language_models.build import LanguageModelDescription, build_lm
from gradus.params import read_params
from gradus.runtime import RuntimeConfig
from gradus.text.token_ids import TOKENS, open_tokens, read_ids, write_ids
from gradus.weights import NETWORK, write_model
from tests.random_tokens import write_random_tokens

RUNTIME = RuntimeConfig(seed=7, threads=1, device="cpu", numerics="portable")
WIDTHS = {"embedding": 8, "hidden": 12, "dropout": 0.0, "tied": False}
NETWORKS: dict[str, dict[str, Any]] = {
    "ffnn": {"kind": "ffnn", "window": 3, **WIDTHS},
    "gru": {"kind": "gru", "reset": "after", "layers": 1, "initial": "uniform", "skip": "none", **WIDTHS},
    "transformer": {"kind": "transformer", "width": 8, "heads": 2, "layers": 1, "feedforward": 8, "window": 8}
    | {"positions": "sinusoidal", "dropout": 0.0, "tied": False},
}


def write_tokens(tokens: Path) -> None:
    """Write the random text, with its validation text as the test text too."""
    tokens.mkdir(parents=True)
    write_random_tokens(tokens)
    write_ids(tokens, "test", read_ids(tokens, "valid"), open_tokens(tokens).tokenizer().size)
    write_seal(tokens, TOKENS)


def write_network(folder: Path, name: str, tokens: Path) -> None:
    """Write a network with large random weights, so that each token of its context changes its predictions."""
    training: Any = read_params(Path("params.yaml"), f"train_lm.{name}.training", dict)
    entry = json.dumps({"network": NETWORKS[name], "training": training})
    settings, tokenizer = TypeAdapter(TrainedSettings).validate_json(entry), open_tokens(tokens).tokenizer()
    torch.manual_seed(7)
    model = build_lm(settings.network, tokenizer.size)
    for weight in model.parameters():
        weight.data.mul_(3.0)
    about = LanguageModelDescription(
        network=settings.network,
        vocabulary_size=tokenizer.size,
        tokenizer_sha256=tokenizer.sha256,
        device=Device(kind="cpu", name="portable kernels"),
        parameters=1,
    )
    with new_folder(folder, NETWORK) as part:
        write_model(part, model.state_dict(), settings, about)


def network_subject(folder: Path, name: str) -> Subject:
    write_tokens(folder / "tokens")
    write_network(folder / name, name, folder / "tokens")
    return open_subject(folder / name, folder / "tokens", RUNTIME)
