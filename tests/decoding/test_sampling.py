"""Greedy decoding, sampling, top-k and the nucleus."""

import math

import pytest
import torch
from decoders import GREEDY, beam, greedy, sample, sampling, seeded
from hypothesis import given
from hypothesis import strategies as st

from gradus.decoding.decode import decode
from gradus.decoding.growing import draw
from gradus.decoding.hypothesis import Request
from gradus.decoding.sample import truncate
from gradus.inference.prompt import Prompted
from gradus.text.special import EOS_ID


def cut(probs, **options):
    return truncate(torch.tensor([probs]).log(), sampling(**options))[0].exp().tolist()


def test_worked_example_of_the_docstring():
    """Top 4 of 0.40 0.24 0.16 0.10 0.10, then the nucleus of 0.85: 0.40, 0.24 and 0.16 of 0.80.

    Without the top 4 the first three have 0.80, so the fourth belongs to the nucleus: each divided by 0.90.
    """
    probs = [0.40, 0.24, 0.16, 0.10, 0.10]
    assert cut(probs, top_k=4, top_p=0.85) == pytest.approx([0.5, 0.3, 0.2, 0, 0])
    assert cut(probs, top_p=0.85) == pytest.approx([4 / 9, 2.4 / 9, 1.6 / 9, 1 / 9, 0])


def test_temperature_comes_before_the_nucleus():
    """Temperature 0.5 squares 0.5 0.3 0.2 to 25 : 9 : 4 of 38. The first has 0.658 and alone fills a nucleus of 0.6."""
    probs = [0.5, 0.3, 0.2]
    assert cut(probs, temperature=0.5) == pytest.approx([25 / 38, 9 / 38, 4 / 38])
    assert cut(probs, temperature=0.5, top_p=0.6) == pytest.approx([1, 0, 0])
    assert cut(probs, temperature=1.0, top_p=0.6) == pytest.approx([5 / 8, 3 / 8, 0])


def test_top_k_comes_before_the_nucleus():
    """Among the top two, 0.3 and 0.2, the first has 0.6, which reaches 0.55. Among all types it has 0.3."""
    probs = [0.3, 0.2, 0.2, 0.15, 0.15]
    assert cut(probs, top_k=2, top_p=0.55) == pytest.approx([1, 0, 0, 0, 0])
    assert cut(probs, top_p=0.55) == pytest.approx([3 / 7, 2 / 7, 2 / 7, 0, 0])


def test_equals_are_kept_in_the_order_of_ids():
    assert cut([0.25, 0.25, 0.25, 0.25], top_k=2) == pytest.approx([0.5, 0.5, 0, 0])
    assert cut([0.25, 0.25, 0.25, 0.25], top_p=0.6) == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])


def test_top_k_beyond_the_vocabulary_and_top_p_of_one_cut_nothing():
    probs = [0.6, 0.3, 0.1]
    assert cut(probs, top_k=40) == pytest.approx(probs)
    assert cut(probs, top_p=1.0) == pytest.approx(probs)


@pytest.mark.parametrize("top_p", [1e-6, 1e-30, 5e-324])
def test_the_nucleus_is_never_empty(top_p):
    assert cut([0.3, 0.5, 0.2], top_p=top_p) == [0, 1, 0]


@given(
    st.lists(st.integers(1, 50), min_size=2, max_size=30),
    st.floats(0.2, 3.0),
    st.integers(0, 8),
    st.floats(0.01, 1.0),
)
def test_the_truncated_distribution_is_the_smallest_set_that_reaches_top_p(weights, temperature, top_k, top_p):
    log_probs = (torch.tensor(weights, dtype=torch.float64) / sum(weights)).log()
    kept = truncate(log_probs[None], sampling(temperature, top_k, top_p))[0].exp()
    assert float(kept.sum()) == pytest.approx(1.0)
    # Python's own power, because a vector instruction may give equal weights powers that differ in the last digit
    ranked = sorted(enumerate(weight ** (1 / temperature) for weight in weights), key=lambda pair: -pair[1])
    head = [power for _, power in ranked[: top_k or None]]
    n_kept = int((kept > 0).sum())
    assert n_kept >= 1
    assert set(kept.nonzero().flatten().tolist()) == {token for token, _ in ranked[:n_kept]}
    assert sum(head[:n_kept]) / sum(head) >= top_p - 1e-9  # it reaches top_p,
    assert sum(head[: n_kept - 1]) / sum(head) <= top_p + 1e-9  # and one fewer does not


def test_samples_follow_the_distribution(fixed_step):
    """The mean of 4,000 draws of 0.7 has standard deviation sqrt(0.21 / 4000) = 0.0072; the bound is four of them."""
    step = fixed_step([0.0, 0.1, 0.0, 0.2, 0.7])
    texts = sample(step, Request(40, 100, stop_at_eos=False), sampling(), seeded(1))
    drawn = [token for text in texts for token in text.tokens]
    assert len(drawn) == 4000
    assert drawn.count(4) / 4000 == pytest.approx(0.7, abs=0.029)
    assert drawn.count(0) == drawn.count(2) == 0


def test_draws_are_the_inverse_of_the_cumulative_distribution():
    """With 0.2 0 0.5 0.3, a uniform number below 0.2 draws 0, one below 0.7 draws 2, and any other draws 3."""
    probs = torch.tensor([0.2, 0.0, 0.5, 0.3]).repeat(1000, 1)
    uniform = torch.rand(1000, 1, generator=seeded(9), dtype=torch.float64).squeeze(1)
    wanted = torch.full((1000,), 3).masked_fill(uniform < 0.7, 2).masked_fill(uniform < 0.2, 0)
    assert torch.equal(draw(probs.log(), seeded(9)), wanted)


def test_log_probs_are_the_models_own(fixed_step):
    """A nucleus of 0.65 holds only 4. The model gives 4 probability 0.7, which counts, not 1."""
    step = fixed_step([0.0, 0.1, 0.0, 0.2, 0.7])
    text = sample(step, Request(1, 5), sampling(top_p=0.65), seeded(1))[0]
    assert text.tokens == (4,) * 5
    assert text.log_prob == pytest.approx(5 * math.log(0.7))


def test_rows_end_with_eos_and_not_after(prefix_step):
    step = prefix_step(8, seed=2, sources=30)
    request = Request(30, 25)
    for source, text in enumerate(sample(step, request, sampling(), seeded(3))):
        assert EOS_ID not in text.tokens[:-1]
        assert text.tokens[-1] == EOS_ID or len(text.tokens) == 25
        assert text.log_prob == pytest.approx(step.log_prob(source, text.tokens), rel=1e-6)
        assert text.content == [token for token in text.tokens if token != EOS_ID]


def test_ended_rows_cost_nothing(prefix_step):
    step = prefix_step(8, seed=2, sources=30)
    texts = greedy(step, Request(30, 25))
    assert step.fed == sum(len(text.tokens) for text in texts) < 30 * 25


def test_eos_goes_on_as_a_line_end_where_asked(prefix_step):
    step = prefix_step(8, seed=2, sources=30, eos=1.0)
    for source, text in enumerate(sample(step, Request(30, 25, stop_at_eos=False), sampling(), seeded(3))):
        assert len(text.tokens) == 25
        assert text.log_prob == pytest.approx(step.log_prob(source, text.tokens), rel=1e-6)


def test_same_seed_same_text(prefix_step):
    request = Request(5, 20)
    first, again, other = (sample(prefix_step(8, 1), request, sampling(), seeded(seed)) for seed in (7, 7, 8))
    assert first == again != other


def test_greedy_is_the_limit_of_low_temperature(prefix_step):
    request = Request(4, 10)
    cold = sample(prefix_step(8, 1, sources=4), request, sampling(temperature=1e-4), seeded(0))
    assert [t.tokens for t in cold] == [t.tokens for t in greedy(prefix_step(8, 1, sources=4), request)]


def test_prompt_conditions_every_row(prefix_step):
    """After the prompt 4 5, distributions are those of prefixes that begin with BOS 4 5."""
    step = prefix_step(8, seed=4)
    for text in greedy(Prompted(step, [[4, 5]], torch.device("cpu")), Request(3, 6)):
        whole = step.log_prob(0, (4, 5, *text.tokens))
        assert text.log_prob == pytest.approx(whole - step.log_prob(0, (4, 5)), rel=1e-5)
    empty = Prompted(step, [[]], torch.device("cpu"))
    assert greedy(empty, Request(1, 6)) == greedy(step, Request(1, 6))


@pytest.mark.parametrize("strategy", [GREEDY, beam(3), sampling()], ids=lambda strategy: strategy.kind)
def test_every_row_continues_its_own_prompt(prefix_step, strategy):
    """Rows 0 and 2 have the prompt 4 5, rows 1 and 3 the prompt 6 7."""
    step, prompts = prefix_step(8, seed=4), [(4, 5), (6, 7)]
    prompted = Prompted(step, prompts, torch.device("cpu"))
    texts = strategy.decode(prompted, Request(4, 6, stop_at_eos=False), seeded(3))
    for row, text in enumerate(texts):
        prompt = prompts[row % 2]
        expected = step.log_prob(0, (*prompt, *text.tokens)) - step.log_prob(0, prompt)
        assert text.log_prob == pytest.approx(expected, rel=1e-5)
    assert texts[0].tokens != texts[1].tokens
    assert (texts[0] == texts[2]) == (not strategy.draws)


def test_decode_dispatches(prefix_step):
    request = Request(2, 6)

    def texts(strategy):
        return decode(prefix_step(8, 1, sources=2), request, strategy, seeded(0))

    assert texts(GREEDY) == greedy(prefix_step(8, 1, sources=2), request)
    assert texts(sampling()) == sample(prefix_step(8, 1, sources=2), request, sampling(), seeded(0))
    assert texts(beam(1)) == texts(GREEDY)
