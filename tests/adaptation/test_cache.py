"""The continuous cache: its formula, and its special cases."""

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gradus.evaluation.adaptation.cache import CacheConfig, cache_scorer
from gradus.evaluation.adaptation.subject import Subject
from gradus.evaluation.neural import ScoringConfig, stream_nats
from gradus.interfaces.language_model import LanguageModel
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID
from tests.adaptation.conftest import Made, cache, random_ids

NETWORKS = ["ffnn", "gru", "lstm", "rnn", "transformer"]


def by_formula(model: LanguageModel, ids: NDArray[Any], config: CacheConfig) -> list[float]:
    """Mix the distributions token by token, with Python's arithmetic."""
    with torch.no_grad():
        inputs = torch.from_numpy(np.concatenate([[EOS_ID], ids[:-1]]))[None]
        features = model.advance(inputs, model.initial_state(1))[0]
        log_probs = model.output(features)[0].log_softmax(dim=-1)
    h = features[0].double()
    nats = []
    for t, token in enumerate(ids):
        probability = math.exp(log_probs[t, token])
        earlier = range(max(0, t - config.window), t)
        shares = {i: math.exp(config.theta * float(h[t] @ h[i])) for i in earlier}
        if shares:
            hits = sum(share for i, share in shares.items() if ids[i] == token)
            probability = (1 - config.weight) * probability + config.weight * hits / sum(shares.values())
        nats.append(-math.log(probability))
    return nats


@pytest.mark.parametrize("chunk", [1, 4, 7, 100])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_scores_are_those_of_the_formula(subject: Made, name: str, chunk: int) -> None:
    tested = subject(name, chunk)
    ids = random_ids(tested.model, 40)
    for config in (cache(), cache(theta=2.0, window=1), cache(window=1000)):
        nats = cache_scorer(tested, config)(ids)
        assert nats.dtype == np.float64
        np.testing.assert_allclose(nats, by_formula(tested.model, ids, config), rtol=1e-4)


def test_blocks_of_positions_do_not_change_scores(subject: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    tested = subject("gru", 16)
    ids = random_ids(tested.model, 50)
    nats = cache_scorer(tested, cache())(ids)
    monkeypatch.setattr("gradus.evaluation.adaptation.cache.ROWS", 3)
    np.testing.assert_allclose(cache_scorer(tested, cache())(ids), nats, rtol=1e-5)


@pytest.mark.parametrize("position", [0, 1, 9])
def test_the_probabilities_add_up_to_one(subject: Made, position: int) -> None:
    tested = subject("lstm", 4)
    ids = random_ids(tested.model, position + 1)
    types = [v for v in range(tested.model.vocabulary_size) if v not in (PAD_ID, BOS_ID)]
    nats = [cache_scorer(tested, cache(0.5))(np.array([*ids[:-1], v]))[position] for v in types]
    assert sum(math.exp(-each) for each in nats) == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_without_weight_the_scores_are_those_of_the_network(subject: Made, name: str) -> None:
    """A Transformer, too, if its window slides by half: then both read the same tokens."""
    tested = subject(name, 7)
    ids = random_ids(tested.model, 150)
    static = stream_nats(tested.model, ids, ScoringConfig(stride=(tested.model.window or 2) // 2, chunk=7, batch=1))
    np.testing.assert_allclose(cache_scorer(tested, cache(weight=0.0))(ids), static, rtol=1e-5)


def test_without_theta_the_cache_counts_recent_tokens(subject: Made) -> None:
    """The nearly certain cache of the last 10 tokens is count / 10; the network has the weight 1e-9."""
    tested = subject("lstm", 4)
    ids = np.tile([5, 6, 5, 7], 10)
    nats = cache_scorer(tested, cache(weight=1 - 1e-9, theta=0.0, window=10))(ids)
    counts = [Counter(ids[max(0, t - 10) : t].tolist())[token] / min(t, 10) for t, token in enumerate(ids) if t]
    seen = [count > 0 for count in counts]
    np.testing.assert_allclose(np.exp(-nats[1:])[seen], [count for count in counts if count], rtol=1e-5)
    assert sum(seen) == len(ids) - 3  # all but the first of each type


def test_a_cache_helps_on_a_text_that_repeats_itself(subject: Made) -> None:
    tested = subject("lstm", 100)
    ids = np.tile([5, 6, 7, 8, EOS_ID], 20)
    static = cache_scorer(tested, cache(weight=0.0))(ids)
    assert cache_scorer(tested, cache(window=50))(ids).mean() < static.mean() - 0.1


def test_an_empty_text_has_no_scores(subject: Made) -> None:
    assert cache_scorer(subject(), cache())(np.zeros(0, dtype=np.int64)).shape == (0,)


def test_every_call_begins_without_a_cache(subject: Made) -> None:
    tested: Subject = subject()
    score, ids = cache_scorer(tested, cache()), random_ids(tested.model, 30)
    first = score(ids)
    score(random_ids(tested.model, 30, seed=2))
    assert score(ids).tobytes() == first.tobytes()
