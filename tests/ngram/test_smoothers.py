"""Properties of every smoother, order, text and history."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from ngram_cases import CASES, DISTRIBUTIONS, PREDICTABLE, fitted, flat, rows_with_bos

from gradus.ngram.scoring import lookup
from gradus.ngram.scoring.model import unseen_share
from gradus.ngram.scoring.step import NgramStep
from gradus.text.special import BOS_ID, PAD_ID

TEXTS = st.lists(st.lists(st.integers(4, 7), max_size=7), min_size=1, max_size=12).map(flat)
HISTORIES = st.lists(st.sampled_from([1, 4, 5, 6, 7, 8]), max_size=5)
NAMES = st.sampled_from(sorted(CASES))
ORDERS = st.integers(1, 5)


def after(model, history):
    """Return ln p(w | history) of every predictable type, each on a line of its own."""
    return np.array([model.log_probs(np.array([*history, word]))[-1] for word in PREDICTABLE])


def was_seen(text, history, order):
    """Return by brute force whether any word follows the last N - 1 words of a history in the text."""
    wanted = (BOS_ID, *history)[-(order - 1) :] if order > 1 else ()
    rows = rows_with_bos(text)
    return any(row[i : i + len(wanted)] == wanted for row in rows for i in range(len(row) - len(wanted)))


@settings(max_examples=150, deadline=None)
@given(name=NAMES, text=TEXTS, order=ORDERS, history=HISTORIES)
def test_distributions_sum_to_one_after_every_history(name, text, order, history):
    total = np.exp(after(fitted(name, text, order).model(order), history)).sum()
    if name == "mle" and not was_seen(text, history, order):
        assert total == 0.0
    elif name in (*DISTRIBUTIONS, "mle"):
        assert total == pytest.approx(1.0, abs=2e-6)  # logarithms are stored in float32


@settings(max_examples=150, deadline=None)
@given(name=NAMES, text=TEXTS, order=ORDERS, prompt=st.lists(HISTORIES, min_size=1, max_size=3))
def test_the_step_gives_the_probabilities_that_scoring_gives(name, text, order, prompt):
    model = fitted(name, text, order).model(order)
    step = NgramStep(model)
    for history in prompt:
        state = step.start(1)
        for token in (step.first, *history):
            log_probs, state = step.step(torch.tensor([token]), state)
        assert float(log_probs.exp().sum()) == pytest.approx(1.0, abs=1e-5)
        assert torch.isneginf(log_probs[0, [PAD_ID, BOS_ID]]).all()
        scores = after(model, history)
        if name == "mle" and not was_seen(text, history, order):
            continue  # scores are zero; the step uses a shorter history, which another test covers
        if step.normalised:
            scores -= np.log(np.exp(scores).sum())
        np.testing.assert_allclose(log_probs[0, PREDICTABLE], scores, atol=2e-5)


@settings(max_examples=40, deadline=None)
@given(name=NAMES, text=TEXTS, other=TEXTS, order=ORDERS, data=st.data())
def test_the_order_of_lines_changes_no_probability(name, text, other, order, data):
    def shuffled(ids):
        return flat([list(row[1:-1]) for row in data.draw(st.permutations(rows_with_bos(ids)))])

    one, same = (fitted(name, ids, order).model(order) for ids in (text, shuffled(text)))
    np.testing.assert_allclose(np.sort(same.log_probs(shuffled(other))), np.sort(one.log_probs(other)), atol=1e-6)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_text_scored_line_by_line_has_the_same_scores(name):
    text = flat([[4, 5, 6], [5, 5], [], [7, 4, 5, 6, 4]])
    model = fitted(name, text, 4).model(4)
    scored = [model.log_probs(np.array(row[1:])) for row in rows_with_bos(text)]
    assert np.array_equal(np.concatenate(scored), model.log_probs(text))


@settings(max_examples=60, deadline=None)
@given(name=NAMES, text=TEXTS, other=TEXTS, order=ORDERS, size=st.integers(1, 12), sections=st.integers(1, 9))
def test_a_text_scored_in_batches_of_any_size_has_the_same_scores(name, text, other, order, size, sections):
    model = fitted(name, text, order).model(order)
    lines = [np.array(row[1:]) for row in rows_with_bos(other)]
    batches = [np.concatenate(lines[begin : begin + size]) for begin in range(0, len(lines), size)]
    whole = model.log_probs(other)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookup, "SECTIONS", sections)
        assert np.array_equal(np.concatenate([model.log_probs(batch) for batch in batches]), whole)


@settings(max_examples=60, deadline=None)
@given(text=TEXTS, other=TEXTS)
def test_an_ngram_is_unseen_where_maximum_likelihood_gives_zero(text, other):
    fit = fitted("mle", text, 5)
    expected = [(len(other), int(np.isneginf(fit.model(n).log_probs(other)).sum())) for n in range(1, 6)]
    assert unseen_share(fit.counts, other) == expected
    assert unseen_share(fit.model(5), other) == expected


@pytest.mark.parametrize("name", sorted(CASES))
def test_ids_outside_the_vocabulary_are_refused(name):
    with pytest.raises(ValueError, match="below 9"):
        fitted(name, flat([[4, 5]]), 2).model(2).log_probs(np.array([9, 3]))
