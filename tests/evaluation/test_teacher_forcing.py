"""Teacher forcing sums over reference tokens and leaves out padding."""

import math
from types import SimpleNamespace

import pytest
import torch

from gradus.errors import InputError
from gradus.interfaces.teacher_forcing import teacher_forced


class NextId:
    """Gives 0.5 to the id after the one it reads, and 0.1 to each of five others."""

    vocabulary_size = 6

    def encode(self, src, src_lengths):
        return None

    def decode(self, tgt_in, memory):
        probs = torch.full((*tgt_in.shape, 6), 0.1)
        return probs.scatter(2, ((tgt_in + 1) % 6)[..., None], 0.5).log()


def batch(tgt_in, tgt_out):
    return SimpleNamespace(
        src=torch.ones(1, 1), src_lengths=torch.ones(1), tgt_in=torch.tensor(tgt_in), tgt_out=torch.tensor(tgt_out)
    )


def test_sums_and_counts():
    """2 3 4 should lead to 3 4 3: right, right, wrong. 2 should lead to 3: right. Padding is not counted."""
    result = teacher_forced(NextId(), [batch([[2, 3, 4], [2, 0, 0]], [[3, 4, 3], [3, 0, 0]]), batch([[2]], [[5]])])
    assert (result.n_tokens, result.n_right) == (5, 3)
    assert result.nll_nats == pytest.approx(-3 * math.log(0.5) - 2 * math.log(0.1), rel=1e-6)


def test_a_batch_that_does_not_fit_is_refused(monkeypatch):
    monkeypatch.setattr("gradus.interfaces.teacher_forcing.free_memory", lambda device: 8 * 6 * 2)
    with pytest.raises(InputError, match="^batch_tokens: expected at most 2, for 96 bytes .* found 3, which needs 144"):
        teacher_forced(NextId(), [batch([[2, 3, 4]], [[3, 4, 3]])])
