"""The n-gram model as a step: properties that scores do not have."""

import numpy as np
import pytest
import torch
from ngram_cases import fitted, letters

from gradus.ngram.scoring.step import NgramStep
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID

A, B, C, D = 4, 5, 6, 7
TEXT = letters("ab/ab/ac/bca")


def feed(step, *tokens):
    state = step.start(1)
    for token in tokens:
        log_probs, state = step.step(torch.tensor([token]), state)
    return log_probs[0]


@pytest.mark.parametrize("name", ["mle", "modified_kneser_ney", "stupid_backoff"])
def test_a_batch_gives_the_distribution_of_every_row(name):
    step = NgramStep(fitted(name, TEXT, 3).model(3))
    rows = [[BOS_ID, A, B], [BOS_ID, B, C], [BOS_ID, D, D], [BOS_ID, A, A]]
    state = step.start(len(rows))
    for tokens in torch.tensor(rows).T:
        log_probs, state = step.step(tokens, state)
    assert log_probs.dtype == torch.float32 and log_probs.shape == (4, 9)
    for row, tokens in zip(log_probs, rows, strict=True):
        assert torch.equal(row, feed(step, *tokens))


def test_selected_rows_keep_their_history():
    step = NgramStep(fitted("katz", TEXT, 3).model(3))
    _, state = step.step(torch.tensor([A, B, C]), step.step(torch.full((3,), BOS_ID), step.start(3))[1])
    picked, _ = step.step(torch.tensor([B, C, B]), step.select(state, torch.tensor([0, 1, 0])))
    assert torch.equal(picked[0], picked[2])
    assert torch.equal(picked[1], feed(step, BOS_ID, B, C))


def test_the_history_is_bos_again_after_eos():
    step = NgramStep(fitted("kneser_ney", TEXT, 3).model(3))
    assert step.first == BOS_ID
    assert torch.equal(feed(step, BOS_ID, A, B, EOS_ID), feed(step, BOS_ID))
    assert torch.equal(feed(step, BOS_ID, A, B, EOS_ID, A), feed(step, BOS_ID, A))


def test_maximum_likelihood_uses_the_longest_seen_suffix_of_an_unseen_history():
    step = NgramStep(fitted("mle", TEXT, 3).model(3))
    # aa was never seen; a was followed by b twice, by c once and by EOS once
    expected = torch.full((9,), -torch.inf)
    expected[[B, C, EOS_ID]] = torch.log(torch.tensor([2 / 4, 1 / 4, 1 / 4]))
    assert torch.allclose(feed(step, BOS_ID, A, A), expected)
    # d was never seen: relative frequencies, a 4, b 3, c 2, EOS 4 of 13
    unigram = torch.full((9,), -torch.inf)
    unigram[[A, B, C, EOS_ID]] = torch.log(torch.tensor([4 / 13, 3 / 13, 2 / 13, 4 / 13]))
    assert torch.allclose(feed(step, BOS_ID, D), unigram)


def test_stupid_backoff_is_normalised_and_marked_so():
    step = NgramStep(fitted("stupid_backoff", TEXT, 2).model(2))
    assert step.normalised and not NgramStep(fitted("katz", TEXT, 2).model(2)).normalised
    # scores after a: b 2/4, c 1/4, EOS 1/4, and a 0.4 * 4/13; UNK 0
    total = 1 + 0.4 * 4 / 13
    assert feed(step, BOS_ID, A).exp()[[B, A, 1]].tolist() == pytest.approx([0.5 / total, 1.6 / 13 / total, 0])


@pytest.mark.parametrize("name", ["mle", "laplace", "stupid_backoff", "modified_kneser_ney"])
def test_pad_and_bos_have_probability_zero_and_feeding_pad_is_harmless(name):
    step = NgramStep(fitted(name, TEXT, 3).model(3))
    for fed in ([BOS_ID], [BOS_ID, A], [BOS_ID, A, PAD_ID], [BOS_ID, PAD_ID, PAD_ID]):
        log_probs = feed(step, *fed)
        assert torch.isneginf(log_probs[[PAD_ID, BOS_ID]]).all()
        assert float(log_probs.exp().sum()) == pytest.approx(1, abs=1e-5)


def test_orders_longer_than_the_text_still_step():
    step = NgramStep(fitted("modified_kneser_ney", letters("a"), 5).model(5))
    scores = fitted("modified_kneser_ney", letters("a"), 5).model(5).log_probs(letters("ab"))
    assert feed(step, BOS_ID, A)[B] == pytest.approx(scores[1], abs=1e-5)
    assert np.isfinite(scores).all()
