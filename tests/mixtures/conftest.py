"""Small models of one tokenizer: n-grams, and networks with random weights."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gradus.artifacts.places import new_folder
from gradus.evaluation.mixtures.fit import fit_mixture
from gradus.evaluation.mixtures.setup import Setup
from gradus.evaluation.neural import ScoringConfig
from gradus.families.components import Component, open_component
from gradus.families.mixtures import MixtureFolder, open_mixture_folder
from gradus.mixtures.config import Kind, MixtureConfig
from gradus.mixtures.storage import MIXTURE, MixtureDescription, write_mixture
from gradus.text.manifest import read_manifest
from gradus.text.origin import copy_origin
from gradus.text.tokenizers.tokenizer import load_tokenizer
from tests.api.conftest import write_narrow_lms, write_ngrams

SMOOTHERS, NETWORKS = ("kneser_ney", "mle", "stupid_backoff"), ("ffnn", "gru", "lstm", "transformer")
TEXT = ("The queen sings .", "She sleeps", "", "king The", "Mr. X sings . sleeps The queen )")
"""Held-out lines: seen and unseen histories, an empty line, and lines of different lengths."""
SETUP = Setup(ScoringConfig(stride=3, chunk=4, batch=2), torch.device("cpu"))

Mixed = Callable[[Kind, Sequence[str]], MixtureFolder]


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with tokens/ and models/lm/."""
    folder = tmp_path_factory.mktemp("mixtures")
    write_narrow_lms(folder, NETWORKS)
    write_ngrams(folder, SMOOTHERS)
    return folder


@pytest.fixture(scope="session")
def ids(parts: Path) -> NDArray[Any]:
    return load_tokenizer(parts / "tokens/tokenizer").encode_lines(TEXT)


def opened(parts: Path, names: Sequence[str]) -> dict[str, Component]:
    return {name: open_component(parts / "models/lm" / name) for name in names}


def config(kind: Kind, models: Sequence[str]) -> MixtureConfig:
    return MixtureConfig(kind=kind, models=list(models), tolerance=1e-7, iterations=2000)


@pytest.fixture(scope="session")
def mixed(parts: Path, ids: NDArray[Any]) -> Mixed:
    """Return a function that fits and writes a mixture of named models, and opens it."""
    done: dict[tuple[str, ...], MixtureFolder] = {}

    def make(kind: Kind, models: Sequence[str]) -> MixtureFolder:
        if (kind, *models) not in done:
            done[kind, *models] = _make(parts, np.asarray(ids), kind, models)
        return done[kind, *models]

    return make


def _make(parts: Path, ids: NDArray[Any], kind: Kind, models: Sequence[str]) -> MixtureFolder:
    fits = fit_mixture(config(kind, models), opened(parts, models), ids, SETUP)
    place, manifest = parts / "models/mixtures" / "_".join([kind, *models]), read_manifest(parts / "tokens")
    with new_folder(place, MIXTURE) as folder:
        copy_origin(manifest, folder)
        description = MixtureDescription(
            kind=kind,
            models=list(models),
            weights={context: fit.weights for context, fit in fits.items()},
            valid_nats_per_token={context: fit.nats_per_token for context, fit in fits.items()},
            vocabulary_size=manifest.tokenizer().size,
            tokenizer_sha256=manifest.tokenizer().sha256,
        )
        write_mixture(folder, description, {name: parts / "models/lm" / name for name in models})
    return open_mixture_folder(place)
