"""The fitted weights are the best ones, and never worse from one iteration to the next."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gradus.errors import InputError, RunError
from gradus.evaluation.mixtures.distributions import all_log_probs
from gradus.evaluation.mixtures.fit import fit_mixture, linear_weights
from gradus.evaluation.mixtures.scores import linear_nats, mixture_nats, model_nats
from gradus.mixtures.combine import combined
from gradus.mixtures.log_linear import fit_log_linear
from gradus.ngram.smoothing.mixture_weights import Stop
from tests.mixtures.conftest import SETUP, Mixed, config, opened

STOP = Stop(1e-9, 10_000)
RANDOM = np.random.default_rng(1)
PAIR = ("kneser_ney", "lstm")


def tokens(models: int, n_tokens: int = 60) -> list[NDArray[np.float64]]:
    """Return random probabilities of the tokens of a text under some models; some are zero, but never all."""
    probs = RANDOM.random((models, n_tokens)) * (RANDOM.random((models, n_tokens)) < 0.7)
    probs[0] += 0.01
    return list(probs)


def loss(probs: list[NDArray[np.float64]], weights: list[float]) -> float:
    return float(-np.log(sum(weight * part for weight, part in zip(weights, probs, strict=True))).sum())


def test_the_weights_of_two_models_are_those_of_a_grid_search() -> None:
    probs = tokens(2)
    grid = np.linspace(0.0005, 0.9995, 2000)
    best = grid[np.argmin([loss(probs, [weight, 1 - weight]) for weight in grid])]
    assert linear_weights(probs, STOP) == pytest.approx([best, 1 - best], abs=0.0005)


def test_em_never_lowers_the_likelihood() -> None:
    probs = tokens(4)
    losses = [loss(probs, linear_weights(probs, Stop(1e-12, iterations))) for iterations in range(1, 40)]
    assert all(after <= before + 1e-12 for before, after in zip(losses, losses[1:], strict=False))
    assert losses[-1] < losses[0] - 0.01


def test_at_the_optimum_no_model_deserves_more_weight() -> None:
    # The optimum's conditions (Karush, Kuhn and Tucker): mean of P_k / P is 1 where the weight is above 0, else below.
    probs = tokens(5, 400)
    weights = linear_weights(probs, STOP)
    mean = [float((part / sum(w * p for w, p in zip(weights, probs, strict=True))).mean()) for part in probs]
    assert sum(weights) == pytest.approx(1) and min(weights) >= 0
    for weight, ratio in zip(weights, mean, strict=True):
        assert ratio == pytest.approx(1, abs=1e-3) if weight > 1e-3 else ratio < 1.001


def test_a_model_that_predicts_nothing_gets_no_weight() -> None:
    good, none = np.array([0.5, 0.2, 0.1]), np.zeros(3)
    assert linear_weights([good, none], STOP) == pytest.approx([1, 0])
    assert linear_weights([none, good], STOP) == pytest.approx([0, 1])
    assert linear_weights([none, good, none, good / 2], STOP) == pytest.approx([0, 1, 0, 0], abs=1e-6)
    with pytest.raises(RunError, match="all models of the mixture give a token"):
        linear_weights([good * [1, 0, 1], good * [0, 0, 1]], STOP)


def test_a_weight_of_zero_makes_infinite_nats_harmless() -> None:
    nats = [np.array([1.0, 2.0]), np.array([np.inf, np.inf])]
    assert linear_nats(nats, [1.0, 0.0]) == pytest.approx(nats[0])
    assert linear_nats(nats, [0.5, 0.5]) == pytest.approx(nats[0] + np.log(2))


def random_pieces(models: int, seed: int) -> Any:
    """Return log-probabilities of 90 tokens over 12 types, in pieces; types 0 and 2 are impossible under all models."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(models, 90, 12, generator=generator) * 2
    logits[:, :, [0, 2]] = -torch.inf
    truth = logits[0, :, :] * 0.6 + logits[1, :, :] * 0.5
    targets = torch.multinomial(truth.softmax(-1), 1, generator=generator)[:, 0]
    parts = logits.log_softmax(-1)
    cuts = ((0, 1), (1, 50), (50, 90))
    return lambda: [([*parts[:, begin:end]], targets[begin:end]) for begin, end in cuts]


def log_linear_loss(pieces: Any, weights: list[float]) -> float:
    return sum(
        float(-combined("log_linear", parts, torch.tensor(weights)).gather(1, targets[:, None]).double().sum())
        for parts, targets in pieces()
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_log_linear_weight_of_two_models_is_that_of_a_grid_search(seed: int) -> None:
    pieces = random_pieces(2, seed)
    grid = np.linspace(-1, 2, 601)
    losses = [log_linear_loss(pieces, [weight, 1 - weight]) for weight in grid]
    weights, nats = fit_log_linear(pieces, [0.5, 0.5], 1e-7, 100)
    assert weights[0] == pytest.approx(grid[int(np.argmin(losses))], abs=0.005) and sum(weights) == pytest.approx(1)
    assert nats == pytest.approx(log_linear_loss(pieces, weights), rel=1e-6) and nats <= min(losses) + 1e-4


def test_no_neighbour_of_the_log_linear_weights_is_better() -> None:
    pieces = random_pieces(4, 5)
    weights, nats = fit_log_linear(pieces, [0.25] * 4, 1e-7, 100)
    for first in range(4):
        for second in range(4):
            moved = list(weights)
            moved[first] += 0.02
            moved[second] -= 0.02
            assert log_linear_loss(pieces, moved) >= nats - 1e-4


def test_log_linear_weights_of_equal_models_leave_the_model_as_it_is() -> None:
    pieces = random_pieces(2, 1)
    twice = lambda: [([parts[0], parts[0]], targets) for parts, targets in pieces()]  # noqa: E731
    weights, nats = fit_log_linear(twice, [0.5, 0.5], 1e-7, 100)
    assert sum(weights) == pytest.approx(1) and nats == pytest.approx(log_linear_loss(pieces, [1.0, 0.0]), rel=1e-6)


def test_a_zero_that_no_log_linear_mixture_can_avoid_is_one_line(parts: Path, ids: NDArray[Any]) -> None:
    with pytest.raises(RunError, match="gives probability zero to a token of the validation text"):
        fit_mixture(config("log_linear", ["mle", "lstm"]), opened(parts, ["mle", "lstm"]), ids, SETUP)


def test_scores_that_are_no_probabilities_are_refused(parts: Path, ids: NDArray[Any]) -> None:
    names = ["lstm", "stupid_backoff"]
    with pytest.raises(InputError, match=r"found stupid_backoff \(stupid_backoff\), whose scores do not sum to one"):
        fit_mixture(config("linear", names), opened(parts, names), ids, SETUP)


@pytest.mark.parametrize("kind", ["linear", "log_linear"])
def test_a_fitted_mixture_is_at_least_as_good_as_its_models(mixed: Mixed, ids: NDArray[Any], kind: Any) -> None:
    mixture = mixed(kind, PAIR)
    assert set(mixture.description.weights) == {"line", "stream"}
    for context, loss in mixture.description.valid_nats_per_token.items():
        assert mixture_nats(mixture, ids, context, SETUP).mean() == pytest.approx(loss, rel=1e-5)
        assert loss <= min(model_nats(model, ids, context, SETUP).mean() for model in mixture.models) + 1e-6


def test_ngram_models_alone_are_mixed_in_the_context_line(mixed: Mixed, ids: NDArray[Any]) -> None:
    mixture = mixed("linear", ["kneser_ney", "mle"])
    assert set(mixture.description.weights) == {"line"}
    assert np.isfinite(mixture_nats(mixture, ids, "line", None)).all()  # the zeros of mle are no obstacle


@pytest.mark.parametrize("context", ["line", "stream"])
def test_distributions_are_those_of_the_scorer_and_sum_to_one(
    parts: Path, ids: NDArray[Any], context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pieces of a few rows, which differ from model to model."""
    monkeypatch.setattr("gradus.evaluation.mixtures.ngrams.PIECE", 80)
    names = ["kneser_ney", "mle", "ffnn", "gru", "lstm", "transformer"]
    models = list(opened(parts, names).values())
    found = np.full((len(names), len(ids)), np.nan)
    for rows, places in all_log_probs(models, ids, context, SETUP):
        for number, row in enumerate(rows):
            assert row.exp().sum(-1).numpy() == pytest.approx(np.ones(len(places)), abs=1e-5)
            found[number, places] = row.numpy()[np.arange(len(places)), ids[places]]
    for number, model in enumerate(models):
        assert -found[number] == pytest.approx(model_nats(model, ids, context, SETUP), abs=1e-5), names[number]
