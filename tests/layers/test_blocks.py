"""Parts of the Transformer equal torch's attention; masks and caches do not change them."""

import math

import pytest
import torch
from torch import Tensor, nn

from gradus.layers.blocks import (
    CausalBlock,
    CrossAttention,
    DecoderBlock,
    EncoderBlock,
    SelfAttention,
    causal_mask,
    sinusoidal_positions,
)
from gradus.layers.initialization import init_scaled_normal

B, S, T, D, HEADS = 2, 9, 6, 8, 2


def reference(q: nn.Linear, kv: tuple[Tensor, Tensor], out: nn.Linear) -> nn.MultiheadAttention:
    """torch's attention with the same weights."""
    attention = nn.MultiheadAttention(D, HEADS, batch_first=True)
    with torch.no_grad():
        attention.in_proj_weight.copy_(torch.cat([q.weight, kv[0]]))
        attention.in_proj_bias.copy_(torch.cat([q.bias, kv[1]]))
    attention.out_proj.load_state_dict(out.state_dict())
    return attention


def fused(attention: SelfAttention) -> nn.MultiheadAttention:
    torch_attention = nn.MultiheadAttention(D, HEADS, batch_first=True)
    with torch.no_grad():
        torch_attention.in_proj_weight.copy_(attention.qkv.weight)
        torch_attention.in_proj_bias.copy_(attention.qkv.bias)
    torch_attention.out_proj.load_state_dict(attention.out.state_dict())
    return torch_attention


def test_self_attention_equals_torch() -> None:
    torch.manual_seed(0)
    attention, x = SelfAttention(D, HEADS), torch.randn(B, S, D)
    mask = torch.arange(S) < torch.tensor([[S], [4]])
    expected, _ = fused(attention)(x, x, x, key_padding_mask=~mask)  # there True = may not be attended to
    torch.testing.assert_close(attention(x, mask), expected)


def test_causal_attention_equals_torch() -> None:
    torch.manual_seed(0)
    attention, x = SelfAttention(D, HEADS), torch.randn(B, S, D)
    later = torch.ones(S, S, dtype=torch.bool).triu(1)
    expected, _ = fused(attention)(x, x, x, attn_mask=later)
    torch.testing.assert_close(attention.causal(x, None)[0], expected)


def test_cross_attention_equals_torch() -> None:
    torch.manual_seed(0)
    attention, x, memory = CrossAttention(D, HEADS), torch.randn(B, T, D), torch.randn(B, S, D)
    mask = torch.arange(S) < torch.tensor([[S], [4]])
    both = (attention.key_value.weight, attention.key_value.bias)
    expected, _ = reference(attention.query, both, attention.out)(x, memory, memory, key_padding_mask=~mask)
    torch.testing.assert_close(attention(x, attention.project(memory), mask), expected)


@pytest.mark.parametrize("pieces", [(1,) * S, (4, 5), (1, 7, 1)])
def test_cached_positions_need_not_be_read_again(pieces: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    block, x = CausalBlock(width=D, heads=HEADS, feedforward=16, dropout=0.0), torch.randn(B, S, D)
    whole, _ = block(x, None)
    cache, parts = None, []
    for piece in x.split(pieces, dim=1):
        y, cache = block(piece, cache)
        parts.append(y)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole)


def test_a_later_position_never_moves_an_earlier_one() -> None:
    torch.manual_seed(0)
    block, x = CausalBlock(width=D, heads=HEADS, feedforward=16, dropout=0.0), torch.randn(B, S, D)
    changed = x.clone()
    changed[:, 5] *= -1
    before, after = block(x, None)[0], block(changed, None)[0]
    assert torch.equal(before[:, :5], after[:, :5])
    assert not torch.allclose(before[:, 6:], after[:, 6:])


def test_an_encoder_sees_both_ways_but_not_what_is_masked() -> None:
    torch.manual_seed(0)
    block, x = EncoderBlock(width=D, heads=HEADS, feedforward=16, dropout=0.0), torch.randn(1, S, D)
    mask = (torch.arange(S) < 6)[None]
    masked, seen = x.clone(), x.clone()
    masked[:, 7] *= -1
    seen[:, 5] *= -1
    torch.testing.assert_close(block(masked, mask)[:, :6], block(x, mask)[:, :6])
    assert not torch.allclose(block(seen, mask)[:, 0], block(x, mask)[:, 0])


def test_a_decoder_ignores_the_masked_memory_and_reads_the_rest() -> None:
    torch.manual_seed(0)
    block = DecoderBlock(width=D, heads=HEADS, feedforward=16, dropout=0.0)
    x, memory = torch.randn(1, T, D), torch.randn(1, S, D)
    mask = (torch.arange(S) < 6)[None]

    def decode(memory: Tensor) -> Tensor:
        y: Tensor = block(x, None, block.cross.project(memory), mask)[0]
        return y

    masked, seen = memory.clone(), memory.clone()
    masked[:, 7] *= -1
    seen[:, 5] *= -1
    torch.testing.assert_close(decode(masked), decode(memory))
    assert not torch.allclose(decode(seen), decode(memory))


def test_causal_mask_lets_the_last_queries_see_what_came_before() -> None:
    expected = torch.tensor([[True, True, True, False], [True, True, True, True]])
    assert torch.equal(causal_mask(2, 4, torch.device("cpu")), expected)


def test_sinusoidal_positions_by_hand() -> None:
    """D = 4: rates 1 and 10000^(-2/4) = 0.01."""
    p = sinusoidal_positions(3, 4)
    expected = torch.tensor([math.sin(2.0), math.cos(2.0), math.sin(0.02), math.cos(0.02)])
    torch.testing.assert_close(p[2], expected)
    torch.testing.assert_close(p[0], torch.tensor([0.0, 1.0, 0.0, 1.0]))


def test_initialization_shrinks_what_enters_the_residual_stream() -> None:
    torch.manual_seed(0)
    blocks = nn.ModuleList(CausalBlock(width=128, heads=4, feedforward=512, dropout=0.0) for _ in range(2))
    init_scaled_normal(blocks, layers=8)
    block = blocks[1]
    assert block.attention.qkv.weight.std().item() == pytest.approx(0.02, rel=0.05)
    for weight in (block.attention.out.weight, block.feedforward.out.weight):
        assert weight.std().item() == pytest.approx(0.02 / 4, rel=0.05)  # sqrt(2 * 8) = 4
