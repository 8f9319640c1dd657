"""Dynamic evaluation: its statistics, its update, and that no token is scored with weights that saw it."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gradus.errors import InputError
from gradus.evaluation.adaptation.dynamic import Update, differentiable_copy, dynamic_scorer
from gradus.evaluation.adaptation.statistics import gradient_rms
from gradus.evaluation.adaptation.subject import Subject
from gradus.evaluation.neural import ScoringConfig, stream_nats
from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.losses import cross_entropy
from gradus.layers.dropout import SiteDropout
from gradus.layers.recurrence.lstm import LSTMConfig
from gradus.networks.language_models.recurrent import RecurrentLM
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID
from gradus.text.streams import lanes
from gradus.text.token_ids import read_ids
from tests.adaptation.conftest import Made, dynamic, random_ids

NETWORKS = ["ffnn", "gru", "lstm", "rnn", "transformer"]


def learned(model: LanguageModel, ids: Any, steps: int) -> LanguageModel:
    """Train a copy of a model on one text."""
    model = differentiable_copy(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    inputs, targets = lanes(ids, 2)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = cross_entropy(model(inputs, model.initial_state(2))[0], targets)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return model.eval()


@pytest.mark.parametrize("name", NETWORKS)
def test_without_learning_the_scores_are_those_of_the_network(subject: Made, name: str) -> None:
    """A Transformer, too, if its window slides by half: then both read the same tokens."""
    tested = subject(name)
    ids = random_ids(tested.model, 150)
    static = stream_nats(tested.model, ids, ScoringConfig(stride=(tested.model.window or 2) // 2, chunk=5, batch=1))
    scores = dynamic_scorer(tested, dynamic(learning_rate=0.0, decay=0.0))(ids)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, static, rtol=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("position", [9, 10, 12])  # last, first and a middle token of segments of 5 tokens
def test_no_token_is_scored_with_weights_that_saw_it(subject: Made, name: str, position: int) -> None:
    """The scores of all possible tokens add up to one: with weights that learned the token, the sum is above one."""
    tested = subject(name)
    score = dynamic_scorer(tested, dynamic(learning_rate=0.02))
    ids = random_ids(tested.model, position + 4)
    types = [v for v in range(tested.model.vocabulary_size) if v not in (PAD_ID, BOS_ID)]
    texts = [np.array([*ids[:position], v, *ids[position + 1 :]]) for v in types]
    scores = np.array([score(text) for text in texts])
    assert np.exp(-scores[:, position]).sum() == pytest.approx(1, rel=1e-4)
    assert (scores[:, :position] == scores[0, :position]).all()
    # The update is large: the next segment's scores show which token was seen, also where the state cannot.
    static = dynamic_scorer(tested, dynamic(learning_rate=0.0))(texts[0])
    assert np.abs(scores[0, 5:] - static[5:]).max() > 0.01


def test_dynamic_evaluation_helps_a_model_on_another_text_that_repeats_itself(subject: Made) -> None:
    tested = subject("lstm")
    trained = replace(tested, model=learned(tested.model, read_ids(tested.tokens, "train"), 30))
    ids = np.tile([5, 9, 4, 11, EOS_ID], 30)
    static = dynamic_scorer(trained, dynamic(learning_rate=0.0))(ids)
    adapted = dynamic_scorer(trained, dynamic(learning_rate=0.002, decay=0.001))(ids)
    assert adapted.mean() < static.mean() - 0.5
    assert adapted[:5] == pytest.approx(static[:5], rel=1e-4)  # the first segment has nothing to learn from


def test_every_call_begins_with_the_trained_weights_which_stay_as_they_are(subject: Made) -> None:
    tested: Subject = subject("gru")
    before = deepcopy(tested.model.state_dict())
    score, ids = dynamic_scorer(tested, dynamic()), random_ids(tested.model, 30)
    first = score(ids)
    score(random_ids(tested.model, 30, seed=2))
    assert score(ids).tobytes() == first.tobytes() == dynamic_scorer(tested, dynamic())(ids).tobytes()
    after = tested.model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not tested.model.training


def test_the_update_is_that_of_the_paper() -> None:
    """Two arrays; the mean of their mean RMS is ((1 + 3) / 2 + 4) / 2 = 3. With lambda 1.5, the pulls are 1.5 RMS / 3:
    0.5, 1.5 and 2, of which the last two are clipped to 1.
    """
    weights = [nn.Parameter(torch.tensor([1.0, 2.0])), nn.Parameter(torch.tensor([3.0]))]
    rms = [torch.tensor([1.0, 3.0]), torch.tensor([4.0])]
    update = Update(weights, rms, replace(dynamic(), learning_rate=0.1, decay=1.5, epsilon=1.0))
    gradients = [torch.tensor([2.0, 4.0]), torch.tensor([5.0])]
    update.apply(gradients)  # from theta_0 there is no pull: theta - 0.1 g / (RMS + 1)
    expected = [[1 - 0.1 * 2 / 2, 2 - 0.1 * 4 / 4], [3 - 0.1 * 5 / 5]]
    assert [weight.tolist() for weight in weights] == [pytest.approx(each) for each in expected]
    update.apply(gradients)
    expected = [[0.9 - 0.1 + 0.5 * 0.1, 2 - 0.1], [3 - 0.1]]
    assert [weight.tolist() for weight in weights] == [pytest.approx(each) for each in expected]
    update.reset()
    assert [weight.tolist() for weight in weights] == [[1.0, 2.0], [3.0]]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_statistics_are_root_mean_squares_of_gradients_of_mean_losses(subject: Made, name: str) -> None:
    model = differentiable_copy(subject(name).model)
    train = random_ids(model, 22)  # two lanes of 11 tokens: segments of 4, 4 and 3
    found = gradient_rms(model, train, batch=2, segment=4)
    inputs, targets = lanes(train, 2)
    state, gradients = model.initial_state(2), []
    for begin in (0, 4, 8):
        columns = slice(begin, begin + 4)
        logits, state = model(inputs[:, columns], state)
        loss = cross_entropy(logits, targets[:, columns]) / targets[:, columns].numel()
        gradients.append(torch.autograd.grad(loss, list(model.parameters()), materialize_grads=True))
        state = tuple(part.detach() for part in state)
    for rms, *parts in zip(found, *gradients, strict=True):
        expected = torch.stack(parts).square().mean(dim=0).sqrt()
        torch.testing.assert_close(rms, expected, rtol=1e-3, atol=1e-6)


SITES = SiteDropout(embedding=0.3, inputs=0.3, hidden=0.3, outputs=0.3, recurrent=0.3)


@pytest.mark.parametrize("dropout", [0.5, SITES], ids=["one rate", "all sites"])
def test_dropout_stays_off(subject: Made, dropout: float | SiteDropout) -> None:
    torch.manual_seed(1)
    config = LSTMConfig(
        kind="lstm", embedding=8, hidden=8, layers=2, dropout=dropout, tied=True, initial="uniform", skip="none"
    )
    tested = replace(subject(), model=RecurrentLM(config, 20).eval())
    ids = random_ids(tested.model, 40)
    static = stream_nats(tested.model, ids, ScoringConfig(stride=1, chunk=5, batch=1))
    scores = dynamic_scorer(tested, dynamic(learning_rate=0.0, decay=0.0))(ids)
    np.testing.assert_allclose(scores, static, rtol=1e-4)


def test_a_rate_that_is_too_high_is_refused(subject: Made) -> None:
    tested = subject("rnn")
    with pytest.raises(InputError, match=r"adapt_lm: learning_rate: .*lower it"):
        dynamic_scorer(tested, replace(dynamic(learning_rate=1e6), epsilon=1e-38))(random_ids(tested.model, 30))


def test_an_empty_text_has_no_scores(subject: Made) -> None:
    assert dynamic_scorer(subject(), dynamic())(np.zeros(0, dtype=np.int64)).shape == (0,)
