"""Write the folder of a trained network."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from torch import nn

from gradus.artifacts.places import new_folder
from gradus.training.data_parallel import rank
from gradus.training.history import write_history
from gradus.training.run import Epoch
from gradus.weights import NETWORK, write_model

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True)
class TrainingOutcome:
    """Result of a training. Its fields are the last keys of `config.json`."""

    steps: int
    """Number of optimizer steps."""
    best_epoch: int
    """Number of the epoch with the lowest validation loss, counted from 1."""
    best_valid_nats_per_token: float
    """Lowest validation loss."""


@contextmanager
def trained_folder(path: Path, *, inputs: Iterable[Path]) -> Iterator[Path]:
    """Yield the folder of a network, from `new_folder`. Of several processes, the first writes it.

    The others have the same network and get a temporary folder, so that a stage is the same for all.
    """
    if rank():
        with tempfile.TemporaryDirectory() as dropped:
            yield Path(dropped)
        return
    with new_folder(path, NETWORK, inputs=inputs) as folder:
        yield folder


def write_trained(
    folder: Path,
    model: nn.Module,
    epochs: Sequence[Epoch],
    settings: "DataclassInstance",
    description: "DataclassInstance",
) -> None:
    """Write `weights.safetensors`, `config.json` and `history.csv`.

    Args:
        folder: an empty folder, from `trained_folder`.
        model: the trained network.
        epochs: history of the training.
        settings: the network's entry in params.yaml.
        description: the part of `config.json` that is checked when the folder is opened.
    """
    best = min(range(len(epochs)), key=lambda number: epochs[number].valid_nats_per_token)
    outcome = TrainingOutcome(epochs[-1].step, best + 1, epochs[best].valid_nats_per_token)
    # `settings` and `description` both have the key `network`, with the same value.
    write_model(folder, model.state_dict(), settings, description, outcome)
    write_history(folder / "history.csv", epochs)
