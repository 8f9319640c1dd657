"""The recall task."""

from collections.abc import Callable

import pytest
import torch

from gradus.interfaces.language_model import LanguageModel
from gradus.measurements.fresh import fresh_network
from gradus.measurements.recall import RecallConfig, recall, recall_sequences
from tests.networks.test_lm_networks import settings as network_settings


def settings(**changes: object) -> RecallConfig:
    values: dict[str, object] = {
        "kind": "recall",
        "distances": [1, 4],
        "symbols": 3,
        "noise": 2,
        "continued": True,
        "steps": 150,
        "batch": 16,
        "learning_rate": 0.03,
        "clip_norm": 1.0,
        "check_steps": 10,
        "tests": 64,
    }
    return RecallConfig(**(values | changes))  # type: ignore[arg-type]


def builder(name: str, config: RecallConfig) -> Callable[[], LanguageModel]:
    return lambda: fresh_network(network_settings(name), config.vocabulary_size, seed=1, device=torch.device("cpu"))


def test_a_sequence_is_a_symbol_noise_and_the_query() -> None:
    config = settings()
    tokens, symbols = recall_sequences(config, 4, 200, torch.Generator().manual_seed(1))
    # ids: 4 special tokens, symbols 4 to 6, noise 7 and 8, query 9
    assert tokens.shape == (200, 5)
    assert tokens[:, 0].equal(symbols)
    assert set(symbols.tolist()) == {4, 5, 6}
    assert set(tokens[:, 1:4].flatten().tolist()) == {7, 8}
    assert set(tokens[:, 4].tolist()) == {9} and config.vocabulary_size == 10


def test_a_gated_network_learns_to_recall_and_stops_early() -> None:
    config = settings()
    measured = recall(builder("gru", config), config, seed=1)
    assert measured["recall"] == [measured["recall_1"], measured["recall_4"]]
    assert measured["recall_1"] == measured["recall_4"] == 1
    assert isinstance(measured["steps_4"], int) and measured["steps_4"] < config.steps
    assert measured["chance"] == pytest.approx(1 / 3)
    assert recall(builder("gru", config), config, seed=1) == measured


def test_a_network_that_cannot_see_the_symbol_guesses() -> None:
    """The fixed-window network reads three tokens, and the symbol is four tokens before the answer."""
    config = settings(distances=[3], steps=60, tests=400)
    measured = recall(builder("ffnn", config), config, seed=1)
    accuracy = measured["recall_3"]
    assert isinstance(accuracy, float) and abs(accuracy - 1 / 3) < 0.1  # 4 standard deviations
    # 2 is inside the window
    seen = settings(distances=[2])
    assert recall(builder("ffnn", seen), seen, seed=1)["recall_2"] == 1


def test_networks_begin_anew_unless_the_training_is_continued() -> None:
    built: list[LanguageModel] = []

    def build() -> LanguageModel:
        built.append(builder("rnn", settings())())
        return built[-1]

    recall(build, settings(steps=2), seed=1)
    assert len(built) == 1
    recall(build, settings(steps=2, continued=False), seed=1)
    assert len(built) == 3


def test_distances_must_rise() -> None:
    with pytest.raises(ValueError, match="rising"):
        settings(distances=[4, 1])
