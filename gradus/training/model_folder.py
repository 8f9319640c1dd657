"""Write the folder of a trained network."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from gradus.training.history import write_history
from gradus.training.run import Epoch
from gradus.weights import write_model


def write_trained(folder: Path, model: nn.Module, epochs: Sequence[Epoch], description: Mapping[str, Any]) -> None:
    """Write `weights.safetensors`, `config.json` and `history.csv`.

    Args:
        folder: an empty folder, from `new_folder`.
        model: has the weights to write.
        epochs: history of the training.
        description: first keys of `config.json` (settings, vocabulary, tokenizer, device); the training's figures
            follow.
    """
    best = min(range(len(epochs)), key=lambda number: epochs[number].valid_nats_per_token)
    training = {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "steps": epochs[-1].step,
        "best_epoch": best + 1,
        "best_valid_nats_per_token": epochs[best].valid_nats_per_token,
    }
    write_model(folder, model.state_dict(), {**description, **training})
    write_history(folder / "history.csv", epochs)
