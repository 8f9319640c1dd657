"""A wide beam finds the best row of all; a beam of one is greedy decoding."""

import math

import pytest
import torch
from decoders import beam, greedy
from hypothesis import given
from hypothesis import strategies as st

from gradus.decoding.beam import _first_largest, beam_search
from gradus.decoding.hypothesis import Request, length_penalty
from gradus.errors import RunError
from gradus.text.special import EOS_ID


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_beam_as_wide_as_the_space_is_exhaustive_search(prefix_step, alpha, seed):
    """Three types do not end a row (UNK, 4, 5): 27 prefixes of three tokens and 1 + 3 + 9 shorter rows make 40."""
    step = prefix_step(6, seed, sources=3)
    found = beam_search(step, Request(3, 4), beam(40, alpha))
    for source, hypotheses in enumerate(found):
        scores = {row: step.log_prob(source, row) / length_penalty(len(row), alpha) for row in step.space(max_length=4)}
        best = max(scores, key=scores.__getitem__)
        assert hypotheses[0].tokens == best
        assert hypotheses[0].score == pytest.approx(scores[best], rel=1e-6)
        assert hypotheses[0].log_prob == pytest.approx(step.log_prob(source, best), rel=1e-6)


@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0])
@pytest.mark.parametrize("stop", [True, False])
def test_beam_of_one_is_greedy(prefix_step, alpha, stop):
    step = prefix_step(12, seed=5, sources=8)
    request = Request(8, 15, stop_at_eos=stop)
    found = [hypotheses[0] for hypotheses in beam_search(step, request, beam(1, alpha))]
    wanted = greedy(step, request)
    assert [hypothesis.tokens for hypothesis in found] == [hypothesis.tokens for hypothesis in wanted]
    assert [hypothesis.log_prob for hypothesis in found] == pytest.approx([h.log_prob for h in wanted])


def test_beam_of_one_is_greedy_among_equals(fixed_step):
    """4, 5 and 6 have probability 0.3; both strategies take the smallest id."""
    step = fixed_step([0.0, 0.05, 0.0, 0.05, 0.3, 0.3, 0.3])
    assert greedy(step, Request(1, 3))[0].tokens == (4, 4, 4)
    assert beam_search(step, Request(1, 3), beam(1))[0][0].tokens == (4, 4, 4)


def test_rows_do_not_touch_each_other(prefix_step):
    step = prefix_step(10, seed=3, sources=6)
    together = beam_search(step, Request(6, 12), beam(3, 0.6))
    for source in range(6):
        alone = prefix_step(10, seed=3, sources=6)
        alone.start = lambda batch, source=source: [(source,)] * batch
        assert beam_search(alone, Request(1, 12), beam(3, 0.6))[0] == together[source]


def test_hypotheses_are_ranked_and_true(prefix_step):
    step = prefix_step(10, seed=11, sources=4)
    for source, hypotheses in enumerate(beam_search(step, Request(4, 10), beam(4, 0.6))):
        assert 1 <= len(hypotheses) <= 4
        assert [h.score for h in hypotheses] == sorted((h.score for h in hypotheses), reverse=True)
        assert len({h.tokens for h in hypotheses}) == len(hypotheses)
        for hypothesis in hypotheses:
            assert hypothesis.log_prob == pytest.approx(step.log_prob(source, hypothesis.tokens), rel=1e-6)
            penalty = length_penalty(len(hypothesis.tokens), 0.6)
            assert hypothesis.score == pytest.approx(hypothesis.log_prob / penalty)


def test_length_penalty_turns_the_choice(fixed_step):
    """EOS at once: ln 0.55 = -0.598, divided by (6/6)^alpha = 1. 4 4 EOS: ln (0.45^2 * 0.55) = -2.195.

    Divided by (8/6)^3 = 2.370 that is -0.926, worse; by (8/6)^6 = 5.619 it is -0.391, better.
    """
    step = fixed_step([0.0, 0.0, 0.0, 0.55, 0.45])
    assert beam_search(step, Request(1, 3), beam(4, 3.0))[0][0].tokens == (EOS_ID,)
    best = beam_search(step, Request(1, 3), beam(4, 6.0))[0][0]
    assert best.tokens == (4, 4, EOS_ID)
    assert best.score == pytest.approx(-0.391, abs=5e-4)
    assert length_penalty(3, 3.0) == pytest.approx((8 / 6) ** 3)


def test_search_stops_when_nothing_can_win(fixed_step, monkeypatch):
    """EOS has probability 0.9. The best unfinished hypothesis has 0.1, which can only fall."""
    step = fixed_step([0.0, 0.0, 0.0, 0.9, 0.1])
    steps = []
    original = step.step
    monkeypatch.setattr(step, "step", lambda tokens, state: steps.append(1) or original(tokens, state))
    assert beam_search(step, Request(2, 50), beam(2))[1][0].tokens == (EOS_ID,)
    assert len(steps) == 1


def test_a_confident_model_is_not_stopped_by_improbable_endings(fixed_step):
    """4 has 0.98 and EOS 0.01 at every step, so 4 4 4 4 4 4 has 0.886; the best row that ends earlier has 0.01.

    Every step ends one more hypothesis, so after K steps K have ended, all of them bad.
    """
    step = fixed_step([0.0, 0.005, 0.0, 0.01, 0.98, 0.005])
    for size in range(1, 7):
        assert beam_search(step, Request(1, 6), beam(size))[0][0].tokens == (4,) * 6


def test_wider_beams_find_better_hypotheses(prefix_step):
    step = prefix_step(6, seed=0, sources=40, eos=1.5)
    request = Request(40, 4)
    narrow = [hypotheses[0] for hypotheses in beam_search(step, request, beam(1))]
    wide = [hypotheses[0] for hypotheses in beam_search(step, request, beam(40))]
    assert all(w.score >= n.score - 1e-9 for w, n in zip(wide, narrow, strict=True))
    assert any(w.score > n.score + 1e-3 for w, n in zip(wide, narrow, strict=True))


def test_dead_ends_are_avoided_or_refused():
    class DeadEnd:
        """No token follows 4; EOS follows 5."""

        vocabulary_size, first = 6, 2

        def __init__(self, rescue):
            self.rescue = rescue

        def start(self, batch):
            return None

        def step(self, tokens, state):
            after = {2: {4: 0.9, 5: self.rescue}, 5: {EOS_ID: 1.0}}
            rows = torch.zeros(len(tokens), 6)
            for row, token in enumerate(tokens.tolist()):
                for v, probability in after.get(token, {}).items():
                    rows[row, v] = probability
            return rows.log(), None

        def select(self, state, rows):
            return None

    assert beam_search(DeadEnd(0.1), Request(1, 5), beam(2))[0][0].tokens == (5, EOS_ID)
    with pytest.raises(RunError, match="every token has probability zero"):
        beam_search(DeadEnd(0.0), Request(1, 5), beam(2))
    with pytest.raises(RunError, match="every token has probability zero"):
        greedy(DeadEnd(0.1), Request(1, 5))


@pytest.mark.parametrize("broken", [[math.nan] * 6, [0.0, 0.0, 0.0, 0.5, 0.5, math.nan]])
def test_log_probabilities_that_are_no_numbers_are_refused(fixed_step, broken):
    step = fixed_step(broken)
    with pytest.raises(RunError, match="NaN"):
        beam_search(step, Request(1, 5), beam(2))
    with pytest.raises(RunError, match="NaN"):
        greedy(step, Request(1, 5))


@given(st.lists(st.sampled_from([0.0, -0.0, -0.5, -1.0, -2.5, -torch.inf]), min_size=4, max_size=12))
def test_first_largest_is_a_stable_sort(values):
    row = torch.tensor([values])
    assert torch.equal(_first_largest(row, 4), row.sort(dim=1, descending=True, stable=True).indices[:, :4])
