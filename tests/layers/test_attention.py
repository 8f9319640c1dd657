import math

import pytest
import torch

from gradus.networks.translation_models.attention import (
    SCORES,
    Additive,
    Dot,
    General,
    ScaledDot,
    attend,
    masked_softmax,
)

QUERY = torch.tensor([[[1.0, 2.0]]])  # (B, T, Q)
MEMORY = torch.tensor([[[3.0, 4.0], [0.0, -1.0]]])  # (B, S, M)


def test_dot_is_the_inner_product():
    # 1 * 3 + 2 * 4 = 11; 1 * 0 + 2 * (-1) = -2
    assert Dot(2, 2)(QUERY, MEMORY).tolist() == [[[11.0, -2.0]]]


def test_scaled_dot_divides_by_the_root_of_the_width():
    expected = torch.tensor([[[11.0, -2.0]]]) / math.sqrt(2)
    torch.testing.assert_close(ScaledDot(2, 2)(QUERY, MEMORY), expected)


def test_general_puts_a_matrix_between():
    score = General(2, 2)
    with torch.no_grad():
        score.project.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))
    # W (3, 4) = (4, 6): 1 * 4 + 2 * 6 = 16; W (0, -1) = (-1, 0): 1 * (-1) + 2 * 0 = -1
    assert score(QUERY, score.keys(MEMORY)).tolist() == [[[16.0, -1.0]]]


def test_general_joins_states_of_unequal_widths():
    score = SCORES["general"](2, 3)
    assert score(QUERY, score.keys(torch.ones(1, 5, 3))).shape == (1, 1, 5)


def test_additive_is_a_small_network():
    score = Additive(2, 2)
    with torch.no_grad():
        score.project_query.weight.copy_(torch.eye(2))
        score.project_memory.weight.copy_(2 * torch.eye(2))
        score.project_memory.bias.zero_()
        score.v.weight.copy_(torch.tensor([[1.0, -1.0]]))
    # W s + U h = (1 + 6, 2 + 8) and (1 + 0, 2 - 2)
    expected = [math.tanh(7) - math.tanh(10), math.tanh(1) - math.tanh(0)]
    torch.testing.assert_close(score(QUERY, score.keys(MEMORY)), torch.tensor([[expected]]))


@pytest.mark.parametrize("kind", ["dot", "scaled_dot"])
def test_a_dot_product_needs_equal_widths(kind):
    with pytest.raises(ValueError, match="found 2 and 3; use the score 'general'"):
        SCORES[kind](2, 3)


def test_masked_positions_get_exactly_zero_and_the_rest_sums_to_one():
    scores = torch.tensor([0.0, math.log(3.0), 50.0])
    weights = masked_softmax(scores, torch.tensor([True, True, False]))
    # exp(0) = 1 and exp(ln 3) = 3 of 4
    torch.testing.assert_close(weights, torch.tensor([0.25, 0.75, 0.0]))
    assert weights[2] == 0.0


def test_no_gradient_reaches_a_masked_position():
    memory = MEMORY.clone().requires_grad_()
    scores = Dot(2, 2)(QUERY, memory)
    context, _ = attend(scores, memory, torch.tensor([[True, False]]))
    context.sum().backward()
    assert memory.grad is not None
    assert memory.grad[0, 1].tolist() == [0.0, 0.0]


def test_context_is_the_weighted_sum():
    context, weights = attend(torch.tensor([[[0.0, math.log(3.0)]]]), MEMORY, torch.tensor([[True, True]]))
    # 0.25 (3, 4) + 0.75 (0, -1) = (0.75, 0.25)
    torch.testing.assert_close(weights, torch.tensor([[[0.25, 0.75]]]))
    torch.testing.assert_close(context, torch.tensor([[[0.75, 0.25]]]))
