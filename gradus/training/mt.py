"""Training a translation model by teacher forcing, or by scheduled sampling."""

import math
from collections.abc import Iterator
from typing import Annotated, cast

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.interfaces.losses import smoothed_nll
from gradus.interfaces.teacher_forcing import teacher_forced
from gradus.interfaces.translator import Memory, Translator
from gradus.params import STRICT
from gradus.text.pairs import PairBatch, Pairs, bucketed
from gradus.text.special import PAD_ID
from gradus.training.optim import TrainingConfig
from gradus.training.training_memory import floats_per_token, require_training_memory


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TranslationTraining(TrainingConfig):
    """What training a translation model needs besides."""

    batch_tokens: Annotated[int, Field(ge=1, le=10**9)]
    """Target tokens of a batch, padding included."""
    short_first: Annotated[int, Field(ge=0, le=10**6)]
    """Epochs at the start that go from short sentences to long; the others are shuffled."""
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    """Probability taken from the reference token and spread evenly over all predictable types."""
    teacher_forcing: Annotated[float, Field(ge=0, le=1)]
    """Probability that an input of the decoder is the reference token; below 1: scheduled sampling."""


class TranslationTask:
    """Batches, loss and validation of one parallel text, for `gradus.training.loop.train`."""

    def __init__(
        self,
        model: Translator,
        train: Pairs,
        valid: Pairs,
        config: TranslationTraining,
        *,
        seed: int,
        device: torch.device,
    ) -> None:
        """Take the pairs; raise InputError if the largest batch does not fit into memory."""
        self.model, self.config, self.seed, self.device = model, config, seed, device
        self.train_pairs, self.valid_pairs = train, valid
        self.uniform_nats = math.log(model.vocabulary_size - 2)  # without PAD and BOS
        sizes = [int(train.tgt.lengths[rows].sum()) for rows in bucketed(train, config.batch_tokens)]
        self.steps_per_epoch = len(sizes)
        network = cast(nn.Module, model)
        each = sum(floats_per_token(network, model.vocabulary_size))
        require_training_memory(network, config, {"training.batch_tokens": max(sizes)}, lambda tokens: tokens * each)

    def batches(self, epoch: int) -> Iterator[PairBatch]:
        """Yield one epoch's batches of like length, shuffled by seed and epoch or, at first, short ones first.

        Words are aligned sooner where there are few of them, and a step over short sentences costs less.

        Source: Kocmi and Bojar (2017), Curriculum learning and minibatch bucketing in neural machine
        translation.
        """
        seed = None if epoch < self.config.short_first else (self.seed, epoch)
        for rows in bucketed(self.train_pairs, self.config.batch_tokens, seed):
            yield self.train_pairs.batch(rows).to(self.device)

    def loss(self, batch: PairBatch) -> tuple[Tensor, int]:
        """Return the summed loss in nats and the target tokens it counts; see `smoothed_nll`."""
        memory = self.model.encode(batch.src, batch.src_lengths)
        tgt_in = batch.tgt_in
        if self.config.teacher_forcing < 1:
            tgt_in = scheduled_inputs(self.model, memory, tgt_in, self.config.teacher_forcing)
        features, _ = self.model.advance(tgt_in, memory, memory.start)
        counted = batch.tgt_out != PAD_ID  # (B, T); the output layer, the dearest part, never sees padding
        logits = self.model.output(features[counted])
        return smoothed_nll(logits, batch.tgt_out[counted], self.config.label_smoothing), batch.n_tokens

    def validate(self) -> tuple[float, int]:
        """Return teacher-forced nats and tokens of the validation pairs."""
        self.model.eval()
        rows = bucketed(self.valid_pairs, self.config.batch_tokens)
        forced = teacher_forced(self.model, (self.valid_pairs.batch(some).to(self.device) for some in rows))
        return forced.nll_nats, forced.n_tokens


@torch.no_grad()
def scheduled_inputs(model: Translator, memory: Memory, tgt_in: Tensor, teacher_forcing: float) -> Tensor:
    """Replace some of the decoder's inputs by what the model itself says.

    Position by position, y_{t-1} is the reference with probability `teacher_forcing` and otherwise the
    likeliest token after the inputs chosen so far. No gradient goes through the choice, so that the
    inputs can be chosen first, without dropout, and the loss computed over all steps at once.

    Args:
        model: the model under training; it is in training mode again afterwards.
        memory: its memory of the sources.
        tgt_in: reference inputs, int64 (B, T), BOS first.
        teacher_forcing: probability of the reference; 1 returns `tgt_in`.
    Returns:
        Inputs of the shape of `tgt_in`, BOS first.
    Source: Bengio et al. (2015), Scheduled Sampling for Sequence Prediction with Recurrent Neural
        Networks, with a constant probability and the argmax in place of a sample.
    """
    model.eval()
    reference = torch.rand(tgt_in.shape, device=tgt_in.device) < teacher_forcing  # torch.rand < 1 always
    reference[:, 0] = True  # BOS
    chosen, state = [tgt_in[:, :1]], memory.start
    for position in range(1, tgt_in.shape[1]):
        features, state = model.advance(chosen[-1], memory, state)
        said = model.output(features).argmax(dim=-1)  # (B, 1)
        here = slice(position, position + 1)
        chosen.append(torch.where(reference[:, here], tgt_in[:, here], said))
    model.train()
    return torch.cat(chosen, dim=1)
