"""Min-p sampling: which types it keeps, and its limits."""

import pytest
import torch
from decoders import sample, sampling, seeded
from hypothesis import given
from hypothesis import strategies as st

from gradus.decoding.hypothesis import Request
from gradus.decoding.min_p import MinP, keep_probable
from gradus.decoding.sample import truncate


def min_p(share, temperature=1.0):
    return MinP(kind="min_p", temperature=temperature, min_p=share)


def cut(probs, share, temperature=1.0):
    return keep_probable(torch.tensor([probs]).log(), min_p(share, temperature))[0].exp().tolist()


def test_worked_example_of_the_docstring():
    """The threshold is 0.5 * 0.40 = 0.20, so 0.40 and 0.24 stay, divided by 0.64."""
    assert cut([0.40, 0.24, 0.16, 0.10, 0.10], 0.5) == pytest.approx([0.625, 0.375, 0, 0, 0])


def test_temperature_comes_before_the_cut():
    """0.3 / 0.5 = 0.6 is above 0.5. Temperature 0.5 squares both: 0.09 / 0.25 = 0.36 is below 0.5."""
    assert cut([0.5, 0.3, 0.2], 0.5) == pytest.approx([5 / 8, 3 / 8, 0])
    assert cut([0.5, 0.3, 0.2], 0.5, temperature=0.5) == pytest.approx([1, 0, 0])


def test_one_keeps_the_most_probable_type_and_its_equals():
    assert cut([0.3, 0.4, 0.2, 0.1], 1.0) == pytest.approx([0, 1, 0, 0])
    assert cut([0.1, 0.4, 0.1, 0.4], 1.0) == pytest.approx([0, 0.5, 0, 0.5])


@pytest.mark.parametrize("share", [0.0, 1e-30])
def test_zero_is_plain_sampling(prefix_step, share):
    """PAD and BOS have probability zero and are never drawn."""
    log_probs = prefix_step(8, 1).distribution(0, (2,))[None]
    for temperature in (0.7, 1.0, 2.0):
        found, wanted = (
            keep_probable(log_probs, min_p(share, temperature)),
            truncate(log_probs, sampling(temperature)),
        )
        assert torch.allclose(found.exp(), wanted.exp())
    texts = [sample(prefix_step(8, 1), Request(5, 20), how, seeded(7)) for how in (min_p(share), sampling())]
    assert texts[0] == texts[1]


@given(st.lists(st.integers(1, 50), min_size=2, max_size=30), st.floats(0.2, 3.0), st.floats(0.0, 1.0))
def test_exactly_the_types_above_the_threshold_are_kept_in_proportion(weights, temperature, share):
    probs = torch.tensor(weights, dtype=torch.float64) / sum(weights)
    heated = probs ** (1 / temperature)
    found = keep_probable(probs.log()[None], min_p(share, temperature))[0].exp()
    assert float(found.sum()) == pytest.approx(1.0)
    kept = found > 0
    assert kept[probs.argmax()]
    assert (heated[kept] >= share * heated.max() * (1 - 1e-9)).all()
    assert (heated[~kept] <= share * heated.max() * (1 + 1e-9)).all()
    assert torch.allclose(found[kept], heated[kept] / heated[kept].sum())
