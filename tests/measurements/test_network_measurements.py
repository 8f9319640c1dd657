"""Measurements on the folders of a model and of a text, as the stage calls them."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from gradus.artifacts.seals import write_seal
from gradus.device import Device
from gradus.errors import InputError
from gradus.families.networks import open_network_folder
from gradus.measurements.gradients import GradientsConfig, measure_gradients
from gradus.measurements.recall import RecallConfig, measure_recall
from gradus.measurements.subject import Subject
from gradus.measurements.training import TrainingMeasurementConfig, measure_training
from gradus.networks.language_models.build import LanguageModelDescription, LMConfig, build_lm
from gradus.runtime import RuntimeConfig
from gradus.text.token_ids import TOKENS, read_ids, write_ids
from gradus.weights import NETWORK, write_model
from stages.train_lm import TrainLMConfig
from tests.networks.test_lm_networks import NETWORKS
from tests.random_tokens import WORDS, write_random_tokens
from tests.training.test_lm_training import TRAINING as LM_TRAINING

SIZE = len(WORDS) + 4
TRAINING = LM_TRAINING | {"learning_rate": 0.01, "schedule": "cosine", "warmup_steps": 5, "epochs": 1, "patience": 1}
GRADIENTS = GradientsConfig(kind="gradients", positions=8, warmup=4, distance=6, fit=(1, 6))
RECALL = RecallConfig(
    kind="recall",
    distances=[2],
    symbols=2,
    noise=1,
    continued=True,
    steps=100,
    batch=8,
    learning_rate=0.03,
    clip_norm=1.0,
    check_steps=10,
    tests=32,
)
STEPS = TrainingMeasurementConfig(
    kind="training",
    steps=20,
    window=5,
    optimizer="sgd",
    learning_rate=0.5,
    weight_decay=0.0,
    clip_by="norm",
    clip=1.0,
)


def subject(folder: Path, name: str) -> Subject:
    """Write a text and an untrained model with the seed 7; return them with the settings of the model."""
    tokens, path = folder / "tokens", folder / name
    tokens.mkdir()
    write_random_tokens(tokens)
    write_ids(tokens, "test", read_ids(tokens, "valid"), SIZE)
    write_seal(tokens, TOKENS)
    entry: dict[str, Any] = {"network": NETWORKS[name], "training": TRAINING}
    config = TypeAdapter(TrainLMConfig).validate_json(json.dumps(entry))
    torch.manual_seed(7)
    model = build_lm(TypeAdapter(LMConfig).validate_json(json.dumps(NETWORKS[name])), SIZE)
    path.mkdir()
    device = Device(kind="cpu", name="portable kernels")
    about = LanguageModelDescription(
        network=config.network, vocabulary_size=SIZE, tokenizer_sha256="ab", device=device, parameters=1
    )
    write_model(path, model.state_dict(), about)
    write_seal(path, NETWORK)
    runtime = RuntimeConfig(seed=7, threads=1, device="cpu", numerics="portable")
    return Subject(model=open_network_folder(path), tokens=tokens, config=config, runtime=runtime)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "min_gru"])
def test_initial_gradients_are_those_of_the_network_that_training_begins_with(name: str, tmp_path: Path) -> None:
    """The folder holds the untrained network of the same seed, so both sides agree exactly."""
    measured = measure_gradients(subject(tmp_path, name), GRADIENTS)
    assert measured["initial_norms"] == measured["trained_norms"]
    assert measured["initial_rate"] == measured["trained_rate"] != 0
    json.dumps(measured, allow_nan=False)


@pytest.mark.parametrize("name", ["ffnn", "transformer"])
def test_gradients_of_a_model_without_a_recurrence_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"expected a recurrent language model.*found {name}"):
        measure_gradients(subject(tmp_path, name), GRADIENTS)


@pytest.mark.parametrize("name", ["rnn", "transformer"])
def test_recall_is_that_of_a_new_network_with_the_vocabulary_of_the_task(name: str, tmp_path: Path) -> None:
    measured = measure_recall(subject(tmp_path, name), RECALL)
    assert measured["recall_2"] == 1
    json.dumps(measured, allow_nan=False)


def test_a_training_is_measured_twice_with_the_same_result(tmp_path: Path) -> None:
    own = subject(tmp_path, "lstm")
    measured = measure_training(own, STEPS)
    assert measured["finite_steps"] == 20 and measured["diverged"] == 0
    torch.rand(3)  # random numbers that something else draws
    assert measure_training(own, STEPS) == measured
