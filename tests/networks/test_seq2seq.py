from dataclasses import replace
from itertools import product

import pytest
import torch

from gradus.errors import InputError
from gradus.interfaces.translator import attention_weights
from gradus.layers.recurrence.table import CELLS
from gradus.networks.translation_models.attention import SCORES
from gradus.networks.translation_models.build import build_mt
from gradus.networks.translation_models.encoder import Encoder, reverse
from gradus.networks.translation_models.parts import Sizes
from gradus.networks.translation_models.seq2seq import AttentionConfig, Seq2SeqConfig
from gradus.networks.translation_models.step import TranslationStep
from gradus.networks.translation_models.transformer import TranslationTransformerConfig
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID

SIZES = Sizes(src=11, tgt=13, joint=False)
SRC = torch.tensor([[5, 6, 7, EOS_ID], [8, EOS_ID, PAD_ID, PAD_ID], [9, 10, EOS_ID, PAD_ID]])
LENGTHS = torch.tensor([4, 2, 3])
TGT_IN = torch.tensor([[BOS_ID, 5, 6, 7], [BOS_ID, 8, 9, 10], [BOS_ID, 11, 12, 4]])
CONTEXTS = ["none", *product(SCORES, ["before", "after"])]


def recurrent(context="none", *, cell="gru", layers=1, bidirectional=True, packed=False):
    attention = "none" if context == "none" else AttentionConfig(score=context[0], position=context[1])
    return Seq2SeqConfig(
        kind="recurrent",
        cell=cell,
        bidirectional=bidirectional,
        embedding=6,
        hidden=8,
        layers=layers,
        dropout=0.0,
        tied=False,
        packed=packed,
        attention=attention,
    )


TRANSFORMER = TranslationTransformerConfig(
    kind="transformer", width=8, heads=2, layers=2, feedforward=12, dropout=0.0, tied=False
)
VARIANTS = [
    *(recurrent(context) for context in CONTEXTS),
    *(recurrent(context, cell=cell) for cell in CELLS if cell != "gru" for context in ("none", ("general", "before"))),
    recurrent(("additive", "before"), layers=2, cell="lstm", packed=True),
    recurrent(("general", "after"), layers=3, bidirectional=False),
    TRANSFORMER,
]


def name(config):
    if config == TRANSFORMER:
        return "transformer"
    attention = config.attention
    context = "none" if attention == "none" else f"{attention.score}-{attention.position}"
    return f"{config.cell}{config.layers}-{context}"


every_variant = pytest.mark.parametrize("config", VARIANTS, ids=name)


def model_of(config, sizes=SIZES):
    torch.manual_seed(3)
    return build_mt(config, sizes).eval()


def decode(model, src, lengths, tgt_in):
    return model.decode(tgt_in, model.encode(src, lengths))


@every_variant
def test_one_step_after_another_equals_teacher_forcing(config):
    model = model_of(config)
    whole = decode(model, SRC, LENGTHS, TGT_IN).log_softmax(dim=-1)
    step = TranslationStep(model, SRC, LENGTHS)
    state = step.start(3)
    for position, tokens in enumerate(TGT_IN.unbind(dim=1)):
        log_probs, state = step.step(tokens, state)
        torch.testing.assert_close(log_probs, whole[:, position], rtol=1e-4, atol=1e-5)


@every_variant
def test_a_step_is_normalised_and_never_says_pad_or_bos(config):
    step = TranslationStep(model_of(config), SRC, LENGTHS)
    log_probs, _ = step.step(TGT_IN[:, 0], step.start(3))
    assert log_probs.shape == (3, step.vocabulary_size)
    assert log_probs.dtype == torch.float32
    torch.testing.assert_close(log_probs.exp().sum(dim=-1), torch.ones(3))
    assert torch.isneginf(log_probs[:, [PAD_ID, BOS_ID]]).all()


@every_variant
def test_the_size_of_a_row_s_state_is_known_before(config):
    step = TranslationStep(model_of(config), SRC, LENGTHS)
    state = step.start(3)
    for tokens in TGT_IN.unbind(dim=1):
        _, state = step.step(tokens, state)
    held = (state.memory.mask, *state.memory.encoded, *state.state)
    assert step.state_bytes(4) * 3 == sum(part.nbytes for part in held)


@every_variant
@pytest.mark.parametrize("rows", [[2, 0, 0, 1], [1], [1, 1, 1], [0, 1, 2]])
def test_selected_rows_go_on_as_the_rows_they_come_from(config, rows):
    rows = torch.tensor(rows)
    step = TranslationStep(model_of(config), SRC, LENGTHS)
    _, state = step.step(TGT_IN[:, 0], step.start(3))
    expected, after = step.step(TGT_IN[:, 1], state)
    found, chosen = step.step(TGT_IN[rows, 1], step.select(state, rows))
    torch.testing.assert_close(found, expected[rows], rtol=1e-4, atol=1e-5)
    expected, _ = step.step(TGT_IN[:, 2], after)
    found, _ = step.step(TGT_IN[rows, 2], chosen)
    torch.testing.assert_close(found, expected[rows], rtol=1e-4, atol=1e-5)


@every_variant
def test_more_padding_changes_nothing(config):
    model = model_of(config)
    wider = torch.nn.functional.pad(SRC, (0, 5), value=PAD_ID)
    found, expected = decode(model, wider, LENGTHS, TGT_IN), decode(model, SRC, LENGTHS, TGT_IN)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@every_variant
def test_a_row_does_not_see_its_neighbours(config):
    model = model_of(config)
    whole = decode(model, SRC, LENGTHS, TGT_IN)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = decode(model, SRC[row : row + 1, :length], LENGTHS[row : row + 1], TGT_IN[row : row + 1])
        torch.testing.assert_close(alone[0], whole[row], rtol=1e-4, atol=1e-5)


@every_variant
def test_a_later_target_token_never_moves_an_earlier_logit(config):
    model = model_of(config)
    changed = TGT_IN.clone()
    changed[:, 2] = 12
    before, after = decode(model, SRC, LENGTHS, TGT_IN), decode(model, SRC, LENGTHS, changed)
    torch.testing.assert_close(before[:, :2], after[:, :2])
    assert not torch.allclose(before[:, 2], after[:, 2])


@every_variant
def test_every_source_token_counts(config):
    model = model_of(config)
    changed = SRC.clone()
    changed[0, 0] = 10
    before, after = decode(model, SRC, LENGTHS, TGT_IN), decode(model, changed, LENGTHS, TGT_IN)
    assert not torch.allclose(before[0], after[0])


@pytest.mark.parametrize("config", [config for config in VARIANTS if config != TRANSFORMER], ids=name)
def test_packed_and_padded_encoders_give_the_same_loss_and_gradients(config):
    results = []
    for packed in (False, True):
        model = model_of(replace(config, packed=packed))
        logits = decode(model, SRC, LENGTHS, TGT_IN)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), TGT_IN.roll(-1, 1).clamp(min=3).flatten())
        loss.backward()
        gradients = {name: part.grad for name, part in model.named_parameters() if part.grad is not None}
        results.append((loss, gradients))
    torch.testing.assert_close(results[0], results[1], rtol=1e-4, atol=1e-6)


def test_reversal_leaves_padding_in_place_and_undoes_itself():
    states = torch.arange(8.0).reshape(2, 4, 1).requires_grad_()
    lengths = torch.tensor([4, 2])
    turned = reverse(states, lengths)
    assert turned[..., 0].tolist() == [[3.0, 2.0, 1.0, 0.0], [5.0, 4.0, 6.0, 7.0]]
    assert torch.equal(reverse(turned, lengths), states)
    assert torch.autograd.gradcheck(lambda x: reverse(x, lengths), states.double())


def test_the_encoder_is_torchs_bidirectional_one():
    torch.manual_seed(3)
    encoder = Encoder("gru", 6, 8, layers=1, directions=2)
    whole = torch.nn.GRU(6, 4, batch_first=True, bidirectional=True)
    for suffix, rnn in zip(("", "_reverse"), encoder.layers[0], strict=True):
        for part, weight in rnn.named_parameters():
            whole.get_parameter(part + suffix).data.copy_(weight)
    x = torch.randn(2, 5, 6)
    states, last = encoder(x, torch.tensor([5, 5]), torch.nn.Dropout(0.0), packed=False)
    expected, final = whole(x)
    torch.testing.assert_close(states, expected)
    torch.testing.assert_close(last[:, 0], torch.cat([final[0], final[1]], dim=-1))


@pytest.mark.parametrize("config", [config for config in VARIANTS if name(config) != "gru1-none"], ids=name)
def test_attention_pictures_have_rows_that_sum_to_one_and_nothing_at_padding(config):
    model = model_of(config)
    assert model.attends != name(config).endswith("none")
    if not model.attends:
        with pytest.raises(ValueError, match="without attention"):
            attention_weights(model, SRC, LENGTHS, TGT_IN)
        return
    weights = attention_weights(model, SRC, LENGTHS, TGT_IN)
    assert weights.shape == (3, 4, 4)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(3, 4))
    padding = (SRC == PAD_ID)[:, None].expand_as(weights)
    assert (weights[padding] == 0).all()


def test_the_transformers_picture_is_the_attention_it_used():
    """If the value of source position i is the i-th unit vector, the context of the last block is its weights."""
    model = model_of(replace(TRANSFORMER, heads=1, layers=1))
    memory = model.encode(SRC, LENGTHS)
    keys, _ = memory.encoded
    named = torch.eye(4, 8).expand(3, 1, 4, 8)  # value of source position i: the i-th unit vector
    block = model.decoder[0]
    with torch.no_grad():
        block.cross.out.weight.copy_(torch.eye(8))
        block.cross.out.bias.zero_()
        x = model._embed(model.tgt_embedding, TGT_IN, begin=0)
        x = x + block.attention.causal(block.norm_attention(x), None)[0]
        context = block.cross(block.norm_cross(x), (keys, named), memory.mask)
    torch.testing.assert_close(attention_weights(model, SRC, LENGTHS, TGT_IN), context[..., :4])


@pytest.mark.parametrize("config", [recurrent(("general", "before")), TRANSFORMER], ids=name)
def test_tied_is_one_matrix_for_source_target_and_output(config):
    model = model_of(replace(config, tied=True), Sizes(13, 13, joint=True))
    assert model.src_embedding.weight is model.tgt_embedding.weight is model.output.weight


def test_two_tokenizers_cannot_be_tied():
    with pytest.raises(InputError, match=r"network.tied: expected one vocabulary"):
        build_mt(replace(TRANSFORMER, tied=True), SIZES)


def test_a_step_starts_one_row_for_each_source():
    step = TranslationStep(model_of(TRANSFORMER), SRC, LENGTHS)
    with pytest.raises(ValueError, match="each of 3 source sentences, found 2"):
        step.start(2)
