"""Score reference translations under teacher forcing: the model reads the reference tokens, not its predictions."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from gradus.interfaces.translator import Translator
from gradus.memory import require_memory
from gradus.runtime import free_memory
from gradus.text.pairs import PairBatch
from gradus.text.special import PAD_ID


@dataclass(frozen=True)
class TeacherForced:
    """Result of scoring under teacher forcing: sums over all reference tokens, including EOS."""

    nll_nats: float
    """Negative log-likelihood."""
    n_tokens: int
    """Number of tokens."""
    n_right: int
    """Number of positions at which the model's most probable token is the reference token."""


@torch.inference_mode()
def teacher_forced(model: Translator, batches: Iterable[PairBatch]) -> TeacherForced:
    """Score every reference token, given the source and the reference tokens before it.

        nll = -sum of ln P(y_t | y_<t, x) over all pairs and all positions t

    A reference token `y_t` counts as right if it is the most probable token, `argmax over v of P(v | y_<t, x)`.

    Args:
        model: a translation model in evaluation mode.
        batches: sentence pairs on the model's device.
    Raises:
        InputError: if a batch does not fit into memory.
    """
    nats, tokens, right = 0.0, 0, 0
    for batch in batches:
        counted = batch.tgt_out != PAD_ID  # (B, T)
        tokens_here = {"batch_tokens": batch.tgt_out.numel()}
        # The logits of a token and their log-softmax take 8 V bytes.
        require_memory(tokens_here, lambda count: 8 * count * model.vocabulary_size, free_memory(counted.device))
        logits = model.decode(batch.tgt_in, model.encode(batch.src, batch.src_lengths))[counted].float()  # (n, V)
        targets = batch.tgt_out[counted]  # (n,)
        nats += F.cross_entropy(logits, targets, reduction="sum").item()
        right += int((logits.argmax(dim=1) == targets).sum())
        tokens += len(targets)
    return TeacherForced(nats, tokens, right)
