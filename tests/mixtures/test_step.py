"""The step of a mixture is a distribution, and agrees with the scores of a text token by token."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gradus.decoding.decode import decode
from gradus.decoding.hypothesis import Request
from gradus.decoding.strategies import preset_strategy
from gradus.evaluation.mixtures.scores import mixture_nats
from gradus.mixtures.combine import combined
from gradus.mixtures.step import MixtureStep
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID
from gradus.text.token_ids import split_lines
from tests.mixtures.conftest import SETUP, Mixed

CPU = torch.device("cpu")
KINDS = ("linear", "log_linear")
MODELS = ("kneser_ney", "lstm", "ffnn")


def feed(step: Any, tokens: list[int]) -> list[torch.Tensor]:
    """Return the distribution after each token of one row."""
    state, rows = step.start(1), []
    for token in tokens:
        log_probs, state = step.step(torch.tensor([token]), state)
        rows.append(log_probs[0])
    return rows


@pytest.mark.parametrize("kind", KINDS)
def test_the_step_agrees_with_the_scores_of_lines(mixed: Mixed, ids: NDArray[Any], kind: Any) -> None:
    mixture = mixed(kind, MODELS)
    step, _ = mixture.step(CPU)
    found = []
    for line in split_lines(ids):
        targets = line.tolist()  # with EOS
        rows = feed(step, [step.first, *targets[:-1]])
        found += [-float(row[target]) for row, target in zip(rows, targets, strict=True)]
    assert found == pytest.approx(mixture_nats(mixture, ids, "line", SETUP), abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_after_the_first_line_the_step_agrees_with_the_scores_of_the_stream(
    mixed: Mixed, ids: NDArray[Any], kind: Any
) -> None:
    mixture = mixed(kind, MODELS)
    step, _ = mixture.step(CPU)
    targets = ids.tolist()
    rows = feed(step, [step.first, *targets[:-1]])
    found = [-float(row[target]) for row, target in zip(rows, targets, strict=True)]
    later = targets.index(EOS_ID) + 1
    assert found[later:] == pytest.approx(mixture_nats(mixture, ids, "stream", SETUP)[later:], abs=1e-5)
    assert found[:later] == pytest.approx(mixture_nats(mixture, ids, "line", SETUP)[:later], abs=1e-5)


@pytest.mark.parametrize(
    ("kind", "models"), [("linear", MODELS), ("log_linear", MODELS), ("linear", ("kneser_ney", "mle"))]
)
def test_distributions_sum_to_one_after_every_kind_of_history(mixed: Mixed, kind: Any, models: tuple[str, ...]) -> None:
    """At the start, after seen and unseen words and histories, after UNK, and after the end of a line."""
    step, _ = mixed(kind, models).step(CPU)
    for row in feed(step, [EOS_ID, 4, 5, 9, 9, 1, 6, EOS_ID, EOS_ID, 7, 8]):
        assert float(row.exp().sum()) == pytest.approx(1, abs=1e-5)
        assert row[PAD_ID] == row[BOS_ID] == -torch.inf and not row.isnan().any()


def test_selected_rows_keep_the_states_of_all_models_and_the_number_of_their_line(mixed: Mixed) -> None:
    step, _ = mixed("linear", MODELS).step(CPU)
    rows = [[EOS_ID, 4, EOS_ID, 5], [EOS_ID, 5, 6, 7], [EOS_ID, 6, 7, EOS_ID]]
    state = step.start(3)
    for tokens in torch.tensor(rows).T:
        _, state = step.step(tokens, state)
    found, _ = step.step(torch.tensor([4, 4, 8, 8]), step.select(state, torch.tensor([2, 0, 1, 2])))
    for row, begin, last in zip(found, (2, 0, 1, 2), (4, 4, 8, 8), strict=True):
        assert torch.allclose(row, feed(step, [*rows[begin], last])[-1], atol=1e-5)


def test_a_mixture_of_equal_models_is_the_model(mixed: Mixed) -> None:
    single, _ = mixed("linear", MODELS).models[1].step(CPU)
    history = [EOS_ID, 4, 5, EOS_ID, 6]
    for kind, weights in (("linear", [0.3, 0.7]), ("log_linear", [1.5, -0.5])):
        twice = MixtureStep(kind, [single, single], {"line": weights, "stream": weights}, CPU)  # type: ignore[arg-type]
        for mixed_row, row in zip(feed(twice, history), feed(single, history), strict=True):
            assert torch.allclose(mixed_row, row, atol=1e-5)


def test_combinations_are_the_formulas() -> None:
    one, other = (torch.tensor([row]) for row in ([0.5, 0.25, 0.25, 0.0], [0.1, 0.6, 0.0, 0.3]))
    weights = torch.tensor([0.25, 0.75])
    assert combined("linear", [one.log(), other.log()], weights).exp()[0].tolist() == pytest.approx(
        [0.2, 0.5125, 0.0625, 0.225]
    )
    products = np.array([0.5**0.25 * 0.1**0.75, 0.25**0.25 * 0.6**0.75, 0.0, 0.0])
    found = combined("log_linear", [one.log(), other.log()], weights).exp()[0].tolist()
    assert found == pytest.approx(products / products.sum())
    negative = combined("log_linear", [one.log(), other.log()], torch.tensor([-1.0, 2.0])).exp()[0].tolist()
    assert negative == pytest.approx([0.02 / 1.46, 1.44 / 1.46, 0.0, 0.0])  # 0.1^2 / 0.5 and 0.6^2 / 0.25


def test_the_state_of_a_row_is_as_large_as_those_of_its_models(mixed: Mixed) -> None:
    mixture = mixed("linear", MODELS)
    step, _ = mixture.step(CPU)
    assert step.state_bytes(5) == sum(model.step(CPU)[0].state_bytes(5) for model in mixture.models) + 8


@pytest.mark.parametrize("strategy", ["greedy", "beam", "nucleus", "min_p", "top_k"])
def test_every_decoder_works_with_a_mixture(mixed: Mixed, strategy: str) -> None:
    step, device = mixed("log_linear", MODELS).step(CPU)
    request = Request(2, 12, stop_at_eos=False, device=device)
    found = decode(step, request, preset_strategy(strategy, {}), torch.Generator().manual_seed(1))
    for hypothesis in found:
        rows = feed(step, [step.first, *hypothesis.tokens[:-1]])
        total = sum(float(row[token]) for row, token in zip(rows, hypothesis.tokens, strict=True))
        assert len(hypothesis.tokens) == 12
        assert strategy in ("nucleus", "min_p", "top_k") or hypothesis.log_prob == pytest.approx(total, abs=1e-4)
