from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from gradus.layers.recurrence.table import CELLS
from gradus.networks.translation_models.attention import SCORES
from gradus.networks.translation_models.build import build_mt
from gradus.networks.translation_models.parts import Sizes
from gradus.networks.translation_models.seq2seq import AttentionConfig, Seq2SeqConfig
from gradus.networks.translation_models.step import TranslationStep
from gradus.networks.translation_models.transformer import TranslationTransformerConfig
from gradus.text.pairs import Lines, Pairs
from gradus.text.special import BOS_ID, EOS_ID
from gradus.text.token_ids import line_starts
from gradus.training.loop import train
from gradus.training.mt import TranslationTask, TranslationTraining, scheduled_inputs

TRAINING = TranslationTraining(
    optimizer="adamw",
    learning_rate=0.01,
    weight_decay=0.0,
    schedule="constant",
    warmup_steps=0,
    precision="float32",
    average="none",
    clip_by="norm",
    clip=1.0,
    epochs=12,
    patience=12,
    batch_tokens=300,
    short_first=0,
    label_smoothing=0.0,
    teacher_forcing=1.0,
)
ATTENTION = Seq2SeqConfig(
    kind="recurrent",
    cell="gru",
    bidirectional=True,
    embedding=16,
    hidden=32,
    layers=1,
    dropout=0.0,
    tied=False,
    packed=False,
    attention=AttentionConfig(score="general", position="after"),
)
TRANSFORMER = TranslationTransformerConfig(
    kind="transformer", width=32, heads=2, layers=1, feedforward=32, dropout=0.0, tied=True
)
SIZES = Sizes(10, 10, joint=True)


def reversed_lines(count, seed):
    """Pairs of 1 to 6 letters; the target is the source in reverse order."""
    generator = np.random.default_rng(seed)
    rows = [generator.integers(4, 10, generator.integers(1, 7)) for _ in range(count)]
    sides = ([np.append(row, EOS_ID) for row in rows], [np.append(row[::-1], EOS_ID) for row in rows])
    return Pairs(*(Lines(ids, line_starts(ids)) for ids in map(np.concatenate, sides)))


def task_of(config, training=TRAINING, count=600):
    torch.manual_seed(1)
    model = build_mt(config, SIZES)
    pairs = reversed_lines(count, 1)
    return TranslationTask(model, pairs, reversed_lines(100, 2), training, seed=1)


def test_attention_learns_to_reverse_a_string():
    task = task_of(ATTENTION, count=1500)
    epochs = train(task.model, task, replace(TRAINING, schedule="cosine"))
    assert epochs[-1].valid_nats_per_token < 0.05
    batch = task.valid_pairs.batch(range(100))
    step = TranslationStep(task.model.eval(), batch.src, batch.src_lengths)
    state, tokens, said = step.start(100), torch.full((100,), BOS_ID), []
    for _ in range(batch.tgt_out.shape[1]):
        log_probs, state = step.step(tokens, state)
        tokens = log_probs.argmax(dim=-1)
        said.append(tokens)
    right = (torch.stack(said, dim=1) == batch.tgt_out) | (batch.tgt_out == 0)
    assert right.all(dim=1).sum() >= 98


VARIANTS = {
    "plain": replace(ATTENTION, attention="none"),
    **{
        f"{score}-{position}": replace(ATTENTION, attention=AttentionConfig(score=score, position=position))
        for score in SCORES
        for position in ("before", "after")
    },
    **{cell: replace(ATTENTION, cell=cell) for cell in CELLS if cell != "gru"},
    "lstm_deep": replace(ATTENTION, cell="lstm", layers=2),
    "packed": replace(ATTENTION, packed=True),
    "transformer": TRANSFORMER,
}


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_variant_loses_loss(config):
    task = task_of(config, count=200)
    before, tokens = task.validate()
    epochs = train(task.model, task, replace(TRAINING, epochs=5))
    assert epochs[-1].valid_nats_per_token < 0.9 * before / tokens
    assert all(part.grad is not None for part in task.model.parameters())


def test_the_same_seed_gives_the_same_bytes():
    config = replace(ATTENTION, dropout=0.2)
    weights = []
    for _ in range(2):
        task = task_of(config, replace(TRAINING, teacher_forcing=0.5), count=100)
        train(task.model, task, replace(TRAINING, epochs=2))
        weights.append(task.model.state_dict())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_loss_is_a_sum_over_tokens_and_padding_never_counts():
    task = task_of(ATTENTION)
    pairs = task.train_pairs
    together, n_together = task.loss(pairs.batch([0, 1, 2, 3]))
    alone = [task.loss(pairs.batch([row])) for row in range(4)]
    assert n_together == sum(tokens for _, tokens in alone) == pairs.tgt.lengths[:4].sum()
    torch.testing.assert_close(together, torch.stack([loss for loss, _ in alone]).sum(), rtol=1e-4, atol=1e-4)


def test_the_first_epochs_may_go_from_short_to_long():
    task = task_of(ATTENTION, replace(TRAINING, short_first=1, batch_tokens=40))
    widths = [[batch.tgt_out.shape[1] for batch in task.batches(epoch)] for epoch in (0, 1)]
    assert widths[0] == sorted(widths[0])
    assert widths[1] != sorted(widths[1])
    assert sorted(widths[1]) == widths[0]


def test_validation_does_not_depend_on_the_batches():
    task = task_of(TRANSFORMER)
    one, many = (task_of(TRANSFORMER, replace(TRAINING, batch_tokens=size)).validate() for size in (1, 500))
    assert one[1] == many[1] == task.valid_pairs.tgt.lengths.sum()
    assert one[0] == pytest.approx(many[0], rel=1e-5)


def test_scheduled_sampling_at_one_is_teacher_forcing():
    task = task_of(ATTENTION)
    batch = task.train_pairs.batch(range(20))
    memory = task.model.encode(batch.src, batch.src_lengths)
    assert torch.equal(scheduled_inputs(task.model, memory, batch.tgt_in, 1.0), batch.tgt_in)
    assert task.model.training


class Parrot(nn.Module):
    """Predicts the id after the input's id."""

    def output(self, features):
        return nn.functional.one_hot(features[..., 0] + 1, 10).float()

    def advance(self, tgt_in, memory, state):
        return tgt_in[..., None], state


class Nothing:
    start = ()


def test_scheduled_sampling_at_zero_feeds_the_model_its_own_words():
    tgt_in = torch.tensor([[BOS_ID, 9, 9, 9]])
    # BOS is 2: the model says 3, reads it and says 4, reads it and says 5
    assert scheduled_inputs(Parrot(), Nothing(), tgt_in, 0.0).tolist() == [[2, 3, 4, 5]]


def test_scheduled_sampling_mixes_by_its_probability():
    torch.manual_seed(0)
    tgt_in = torch.full((2000, 2), 9)
    tgt_in[:, 0] = BOS_ID
    second = scheduled_inputs(Parrot(), Nothing(), tgt_in, 0.3)[:, 1]
    assert set(second.tolist()) == {3, 9}
    # binomial: mean 0.3, deviation sqrt(0.3 * 0.7 / 2000) = 0.0102; four of them either way
    assert (second == 9).double().mean().item() == pytest.approx(0.3, abs=0.041)
