"""Sentences are decoded in batches of similar length and returned in their order."""

import numpy as np
import torch
from decoders import GREEDY, beam, greedy

from gradus.decoding.hypothesis import Request
from gradus.inference.sentences import Sentences, decode_sentences


def test_order_is_kept_and_batches_do_not_matter(prefix_step):
    lengths = np.array([3, 9, 1, 5, 9, 2, 4])
    widest = []

    def step(rows):
        widest.append((len(rows), int(lengths[rows].max())))
        model = prefix_step(9, seed=1, sources=7)
        model.start = lambda batch: [(int(row),) for row in rows]
        return model

    wanted = greedy(prefix_step(9, seed=1, sources=7), Request(7, 8))
    for strategy in (GREEDY, beam(1, 1.0)):
        found = decode_sentences(Sentences(lengths, step, 3, 8), strategy, torch.Generator())
        assert [hypothesis.tokens for hypothesis in found] == [hypothesis.tokens for hypothesis in wanted]
    assert widest[:3] == [(3, 9), (3, 4), (1, 1)]
