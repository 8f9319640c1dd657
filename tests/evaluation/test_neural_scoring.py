"""Scoring by a network: each token once, from the right context."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from gradus.errors import InputError
from gradus.evaluation.batches import padded_lines, windows
from gradus.evaluation.neural import ScoringConfig, line_nats, stream_nats
from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.losses import cross_entropy
from gradus.interfaces.state import State
from gradus.layers.output import OutputLayer
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID

IDS = np.array([5, 6, EOS_ID, 7, EOS_ID, EOS_ID, 8, 9, 10, EOS_ID, 4, 4, 4, EOS_ID], dtype=np.uint16)
V = 11


def identity_output() -> OutputLayer:
    """Output layer whose logits are its features, except those of PAD and BOS."""
    output = OutputLayer(V, torch.nn.Embedding.from_pretrained(torch.eye(V)), tied=True)
    return output.requires_grad_(False)


class Uniform(LanguageModel):
    """All types are equally probable."""

    vocabulary_size = V

    def __init__(self, window: int | None = None) -> None:
        super().__init__()
        self.window, self.output = window, identity_output()

    def initial_state(self, batch: int) -> State:
        return (torch.zeros(batch, 1),)

    def advance(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        return torch.zeros(*tokens.shape, V), state


class Counter(Uniform):
    """The nats of a target are the number of tokens read since the zero state, not counting the first EOS.

    The target has log-probability -n, the rest of the mass is elsewhere: the test knows the target.
    """

    def __init__(self, text: dict[int, int], window: int | None = None) -> None:
        super().__init__(window)
        self.follows = text

    def advance(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        read = state[0] + torch.arange(tokens.shape[1])  # (B, T), tokens read before this one
        logits = torch.log((1 - torch.exp(-read)) / (V - 3)).clamp(min=-1e4)[..., None].expand(*tokens.shape, V).clone()
        for token, target in self.follows.items():
            logits[..., target] = torch.where(tokens == token, -read, logits[..., target])
        return logits, (state[0] + tokens.shape[1],)


def config(stride: int = 3, chunk: int = 4, batch: int = 2) -> ScoringConfig:
    return ScoringConfig(stride=stride, chunk=chunk, batch=batch)


@pytest.mark.parametrize("window", [None, 5])
def test_a_uniform_models_perplexity_is_the_number_of_predictable_types(window: int | None) -> None:
    """11 ids minus PAD and BOS."""
    for nats in (stream_nats(Uniform(window), IDS, config()), line_nats(Uniform(window), IDS, config())):
        assert nats.dtype == np.float64
        assert nats.shape == IDS.shape
        assert math.exp(nats.mean()) == pytest.approx(9)


COUNTING = np.array([4, 5, 6, 7, 8, 9, 10, EOS_ID], dtype=np.uint16)  # every token has one successor
FOLLOWS = {EOS_ID: 4, 4: 5, 5: 6, 6: 7, 7: 8, 8: 9, 9: 10, 10: EOS_ID}


@pytest.mark.parametrize("chunk", [1, 3, 8, 100])
def test_a_stream_is_read_once_in_order_whatever_the_chunk(chunk: int) -> None:
    nats = stream_nats(Counter(FOLLOWS), COUNTING, config(chunk=chunk))
    assert nats == pytest.approx(np.arange(8))  # token t follows t tokens


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_a_window_sees_at_least_what_does_not_slide_away(batch: int) -> None:
    """Window 4, stride 2: tokens 0-3 from one window, then 4, 5 and 6, 7, each after 2 and 3 tokens."""
    nats = stream_nats(Counter(FOLLOWS, window=4), COUNTING, config(stride=2, batch=batch))
    assert nats == pytest.approx([0, 1, 2, 3, 2, 3, 2, 3])


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_a_lines_context_ends_with_the_line(stride: int) -> None:
    """Two lines of eight tokens: the count starts anew."""
    twice = np.concatenate([COUNTING, COUNTING])
    assert line_nats(Counter(FOLLOWS), twice, config(stride=stride)) == pytest.approx([*range(8), *range(8)])
    assert stream_nats(Counter(FOLLOWS), twice, config()) == pytest.approx(np.arange(16))


@pytest.mark.parametrize("batch", [1, 2, 3, 10])
def test_line_scores_stand_where_their_tokens_do(batch: int) -> None:
    """Lines of unequal length, among them an empty one, are sorted by length and put back."""

    class Own(Uniform):
        def advance(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
            logits = torch.arange(V).float().expand(*tokens.shape, V)
            return logits, state

    total = math.log(sum(math.exp(v) for v in range(V) if v not in (PAD_ID, BOS_ID)))
    expected = [total - token for token in IDS.tolist()]
    assert line_nats(Own(), IDS, config(batch=batch)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("length", [1, 2, 5, 14, 20])
@pytest.mark.parametrize("stride", [1, 2, 5, 14])
def test_windows_predict_every_token_once(length: int, stride: int) -> None:
    stride = min(stride, length)
    inputs, targets = windows(IDS, length, stride)
    assert targets[targets != PAD_ID].tolist() == IDS.tolist()
    assert inputs[targets != PAD_ID].tolist() == [EOS_ID, *IDS[:-1].tolist()]
    assert inputs.shape[1] == length
    assert (targets != PAD_ID).any(dim=1).all()  # every window predicts something


def test_padded_lines_by_hand() -> None:
    inputs, targets = padded_lines(IDS, np.array([[0, 3], [5, 6]]))
    assert targets.tolist() == [[5, 6, 3], [3, 0, 0]]
    assert inputs.tolist() == [[3, 5, 6], [3, 3, 0]]


def test_an_empty_text_has_no_scores() -> None:
    assert stream_nats(Uniform(), IDS[:0], config()).shape == (0,)
    assert line_nats(Uniform(), IDS[:0], config()).shape == (0,)


def test_a_stride_beyond_the_window_is_refused() -> None:
    with pytest.raises(InputError, match="at most 4, the window of the model, found 5"):
        stream_nats(Uniform(window=4), IDS, config(stride=5))


def test_padding_adds_nothing_to_the_loss() -> None:
    logits = torch.randn(2, 3, V, generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([[4, 5, PAD_ID], [6, PAD_ID, PAD_ID]])
    expected = sum(-logits[b, t].log_softmax(-1)[targets[b, t]] for b, t in [(0, 0), (0, 1), (1, 0)])
    assert cross_entropy(logits, targets).item() == pytest.approx(float(expected), rel=1e-5)


def test_calls_that_do_not_fit_are_refused_by_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token has V = 11 features, 88 bytes; the lines have 1 to 4 tokens, the longest first: two of them are 8."""
    monkeypatch.setattr("gradus.evaluation.neural.free_memory", lambda device: 88 * 4)
    with pytest.raises(InputError, match="^score_lm.batch: expected at most 1, for 352 bytes .* found 2, which needs"):
        line_nats(Uniform(), IDS, config(batch=2))
    line_nats(Uniform(), IDS, config(batch=1))
    with pytest.raises(InputError, match="^score_lm.chunk: expected at most 4, .* found 14, which needs"):
        stream_nats(Uniform(), IDS, config(chunk=10**9))
    stream_nats(Uniform(), IDS, config(chunk=4))
    with pytest.raises(InputError, match="^score_lm.batch: expected at most 1, .* found 2, which needs"):
        stream_nats(Uniform(window=4), IDS, config(stride=3, batch=2))
    monkeypatch.setattr("gradus.evaluation.neural.free_memory", lambda device: 88 * 3)
    with pytest.raises(InputError, match="^tokens of a line or window: expected at most 3, .* found 4, which needs"):
        line_nats(Uniform(), IDS, config(batch=1))
