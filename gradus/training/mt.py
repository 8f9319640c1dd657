"""Training of translation models by teacher forcing or scheduled sampling."""

import math
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.interfaces.teacher_forcing import teacher_forced
from gradus.interfaces.translator import Memory, Translator
from gradus.params import STRICT
from gradus.text.pairs import PairBatch, Pairs, bucketed
from gradus.training.data_parallel import largest_share, rank, share, size, total
from gradus.training.optim import TrainingConfig
from gradus.training.parts import Part
from gradus.training.training_memory import floats_per_token, output_floats, require_training_memory


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TranslationTraining(TrainingConfig):
    """Training settings of a translation model."""

    batch_tokens: Annotated[int, Field(ge=1, le=10**9)]
    """Largest number of target tokens in a batch, including padding."""
    short_first: Annotated[int, Field(ge=0, le=10**6)]
    """In the first `short_first` epochs, short sentences come first. All later epochs have a random order."""
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    """Label smoothing takes this probability from the reference token, and spreads it over all predictable tokens."""
    teacher_forcing: Annotated[float, Field(ge=0, le=1)]
    """Probability that a decoder input is the reference token. Values below 1 mean scheduled sampling."""


class TranslationTask:
    """Training on sentence pairs, as a `Task` of the training loop."""

    def __init__(
        self, model: Translator, train: Pairs, valid: Pairs, config: TranslationTraining, *, seed: int
    ) -> None:
        """Count the batches, and check the memory.

        Args:
            model: a translation model on the device of the training.
            train: training pairs.
            valid: validation pairs.
            config: size and order of batches, label smoothing, scheduled sampling.
            seed: seed of the order of batches.
        Raises:
            InputError: if the largest batch does not fit into memory.
        """
        self.model, self.config, self.seed = model, config, seed
        self.device = next(model.parameters()).device
        self.train_pairs, self.valid_pairs = train, valid
        self.parts: Mapping[str, Part] = {}  # every batch begins anew
        self.uniform_nats = math.log(model.vocabulary_size - 2)  # without PAD and BOS
        # Shuffling does not change the number of batches. The largest batch decides whether the training fits.
        sizes = [int(train.tgt.lengths[rows].sum()) for rows in bucketed(train, config.batch_tokens)]
        self.steps_per_epoch = len(sizes)
        each = floats_per_token(model)

        def floats(tokens: int, v: int) -> int:
            own = largest_share(tokens)
            return own * each + output_floats(own, v)

        batch = {"training.batch_tokens": max(sizes)}
        require_training_memory(model, config, batch, floats)

    def batches(self, epoch: int, start: int = 0) -> Iterator[PairBatch]:
        """Yield the batches of an epoch from batch `start` on. The sentences of a batch have similar lengths.

        In the first `short_first` epochs, short sentences come first, because attention then learns sooner to align
        words. In later epochs, the order depends on the seed and the epoch.

        Source: Kocmi and Bojar (2017), Curriculum learning and minibatch bucketing in neural machine translation.
        """
        seed = None if epoch < self.config.short_first else (self.seed, epoch)
        for rows in islice(bucketed(self.train_pairs, self.config.batch_tokens, seed), start, None):
            yield self.train_pairs.batch(rows[share(len(rows))]).to(self.device)

    def rate_factor(self, batch: PairBatch) -> float:
        """Return 1: all batches have the same learning rate."""
        return 1.0

    def loss(self, batch: PairBatch) -> tuple[Tensor, int]:
        """Return the total loss of a batch in nats and its number of target tokens; see `Output.nll`.

        If there are more processes than sentences, some have an empty batch, whose loss is 0.
        """
        if not len(batch.src):
            return torch.zeros(()), 0
        memory = self.model.encode(batch.src, batch.src_lengths)
        tgt_in = batch.tgt_in
        if self.config.teacher_forcing < 1:
            tgt_in = scheduled_inputs(self.model, memory, tgt_in, self.config.teacher_forcing)
        features, _ = self.model.advance(tgt_in, memory, memory.start)
        return self.model.output.nll(features, batch.tgt_out, self.config.label_smoothing), batch.n_tokens

    def validate(self) -> tuple[float, int]:
        """Return the total loss of the validation pairs in nats under teacher forcing, and their number of tokens."""
        self.model.eval()
        rows = islice(bucketed(self.valid_pairs, self.config.batch_tokens), rank(), None, size())
        forced = teacher_forced(self.model, (self.valid_pairs.batch(some).to(self.device) for some in rows))
        nll_nats, n_tokens = total(forced.nll_nats, forced.n_tokens)
        return nll_nats, int(n_tokens)


@torch.no_grad()
def scheduled_inputs(model: Translator, memory: Memory, tgt_in: Tensor, teacher_forcing: float) -> Tensor:
    """Replace some decoder inputs by the model's own predictions.

    Each input is the reference token with probability `teacher_forcing`. Otherwise it is the most probable token under
    the model, given the previous inputs. No gradient flows through this choice. So all inputs are chosen first, without
    dropout, and the caller then computes the loss over all positions at once.

    Args:
        model: a translation model. It is in training mode after the call.
        memory: the encoded sources.
        tgt_in: reference inputs, int64 (B, T), which begin with BOS.
        teacher_forcing: probability of the reference token. With 1, the result is `tgt_in`.
    Returns:
        Inputs, int64 (B, T), which begin with BOS.

    Source: Bengio et al. (2015), Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks. In contrast
    to the paper, the probability is constant, and the model's most probable token is taken instead of a sampled one.
    """
    model.eval()
    reference = torch.rand(tgt_in.shape, device=tgt_in.device) < teacher_forcing  # torch.rand is always below 1
    reference[:, 0] = True  # BOS
    chosen, state = [tgt_in[:, :1]], memory.start
    for position in range(1, tgt_in.shape[1]):
        features, state = model.advance(chosen[-1], memory, state)
        predicted = model.output(features).argmax(dim=-1)  # (B, 1)
        here = slice(position, position + 1)
        chosen.append(torch.where(reference[:, here], tgt_in[:, here], predicted))
    model.train()
    return torch.cat(chosen, dim=1)
