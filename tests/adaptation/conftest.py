"""Networks of a few weights that adapt to texts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gradus.evaluation.adaptation.cache import CacheConfig
from gradus.evaluation.adaptation.dynamic import DynamicConfig
from gradus.evaluation.adaptation.subject import Subject
from gradus.families.networks import open_network_folder
from gradus.interfaces.language_model import LanguageModel
from tests.api.conftest import write_narrow_lms

NETWORKS = ("ffnn", "gru", "lstm", "rnn", "transformer")

Made = Callable[..., Subject]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with tokens/ and models/lm/."""
    folder = tmp_path_factory.mktemp("adaptation")
    write_narrow_lms(folder, NETWORKS)
    return folder


def network(folder: Path, name: str) -> LanguageModel:
    return open_network_folder(folder / "models/lm" / name).model(torch.device("cpu"))


@pytest.fixture
def subject(folder: Path) -> Made:
    """Return a function that opens a network by its name."""
    return lambda name="lstm", chunk=7: Subject(network(folder, name), folder / "tokens", chunk)


def random_ids(model: LanguageModel, length: int, seed: int = 1) -> NDArray[Any]:
    """Return a text of random tokens, neither PAD nor BOS."""
    return np.random.default_rng(seed).integers(3, model.vocabulary_size, length)


def cache(weight: float = 0.3, theta: float = 0.5, window: int = 5) -> CacheConfig:
    return CacheConfig(kind="cache", model="lstm", weight=weight, theta=theta, window=window)


def dynamic(segment: int = 5, learning_rate: float = 1e-3, decay: float = 0.01, batch: int = 4) -> DynamicConfig:
    return DynamicConfig(
        kind="dynamic",
        model="lstm",
        segment=segment,
        learning_rate=learning_rate,
        decay=decay,
        epsilon=2e-5,
        batch=batch,
    )
