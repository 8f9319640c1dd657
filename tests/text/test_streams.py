"""Lanes and chunks: every token is a target once, and its input is the token before it."""

import numpy as np
import pytest
import torch

from gradus.text.special import EOS_ID, PAD_ID
from gradus.text.streams import chunks, lanes, rotated

IDS = np.array([5, 6, EOS_ID, 7, EOS_ID, EOS_ID, 8, 9, 10, EOS_ID], dtype=np.uint16)


def test_lanes_by_hand() -> None:
    """Ten tokens make three lanes of ceil(10 / 3) = 4 tokens, with two PAD at the end."""
    inputs, targets = lanes(IDS, 3)
    assert targets.tolist() == [[5, 6, 3, 7], [3, 3, 8, 9], [10, 3, 0, 0]]
    assert inputs.tolist() == [[3, 5, 6, 3], [7, 3, 3, 8], [9, 10, 0, 0]]
    assert inputs.dtype == torch.int64


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 7, 10, 50])
def test_every_token_is_a_target_once_and_in_order(batch: int) -> None:
    inputs, targets = lanes(IDS, batch)
    assert targets[targets != PAD_ID].tolist() == IDS.tolist()
    assert len(targets) <= batch
    before = [EOS_ID, *IDS[:-1].tolist()]
    assert inputs[targets != PAD_ID].tolist() == before
    assert (targets != PAD_ID).any(dim=1).all()  # no lane is empty


@pytest.mark.parametrize("chunk", [1, 3, 4, 9])
def test_chunks_side_by_side_are_the_lanes(chunk: int) -> None:
    inputs, targets = lanes(IDS, 3)
    pieces = list(chunks(inputs, targets, chunk))
    assert len(pieces) == -(-4 // chunk)
    assert torch.equal(torch.cat([piece[0] for piece in pieces], dim=1), inputs)
    assert torch.equal(torch.cat([piece[1] for piece in pieces], dim=1), targets)


def test_a_rotated_text_has_the_same_lines_in_the_same_cyclic_order() -> None:
    lines = [(5, 6, 3), (7, 3), (3,), (8, 9, 10, 3)]
    seen = set()
    for seed in range(40):
        rotation = tuple(rotated(IDS, torch.Generator().manual_seed(seed)).tolist())
        rotations = {sum(lines[k:] + lines[:k], ()) for k in range(4)}
        assert rotation in rotations
        seen.add(rotation)
    assert len(seen) == 4
