"""Scoring a text by a neural language model: the nats of every token, in the text's order."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.errors import InputError
from gradus.evaluation.batches import line_bounds, one_lane, padded_lines, windows
from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.losses import token_nats
from gradus.memory import require_memory
from gradus.params import STRICT
from gradus.runtime import free_memory
from gradus.text.special import PAD_ID


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ScoringConfig:
    """The section `score_lm` of params.yaml. Only `stride` changes a number beyond rounding."""

    stride: Annotated[int, Field(ge=1, le=10**9)]
    """Tokens by which the Transformer's window slides: a token's context is a window less this, or more."""
    chunk: Annotated[int, Field(ge=1, le=10**9)]
    """Tokens that a model with a state reads in one call."""
    batch: Annotated[int, Field(ge=1, le=10**9)]
    """Windows or lines side by side in one call."""


@torch.inference_mode()
def stream_nats(model: LanguageModel, ids: NDArray[Any], config: ScoringConfig) -> NDArray[np.float64]:
    """Score a text as one stream, as neural models read it.

    nats[t] = -ln P(ids[t] | EOS, ids[0] .. ids[t-1])

    The text is one lane read in order from a zero state; EOS is its first input. A model with a window
    instead scores windows that slide by `stride`, and sees of the text what the window holds.

    Args:
        model: in evaluation mode.
        ids: token ids, EOS after every line, (n_tokens,).
        config: window stride and sizes of calls.
    Returns:
        negative log-probability of every token, nats, float64 (n_tokens,).
    Raises:
        InputError: if the stride is longer than the model's window, or a call does not fit into memory.
    """
    if len(ids) == 0:
        return np.zeros(0)
    if model.window is None:
        return _lane_nats(model, ids, config.chunk)
    if config.stride > model.window:
        raise InputError(
            "params.yaml: score_lm.stride",
            expected=f"at most the model's window, {model.window}",
            found=str(config.stride),
            remedy="lower it or widen the window",
        )
    inputs, targets = windows(ids, model.window, config.stride)
    parts = zip(torch.split(inputs, config.batch), torch.split(targets, config.batch), strict=True)
    return np.concatenate([_batch_nats(model, *part) for part in parts])


@torch.inference_mode()
def line_nats(model: LanguageModel, ids: NDArray[Any], config: ScoringConfig) -> NDArray[np.float64]:
    """Score every line of a text by itself, as n-gram models do.

    nats[t] = -ln P(ids[t] | EOS, the line's tokens before t), from a zero state

    The first input is EOS, which the models know as what stands before a line; the embedding of BOS is
    never trained. They have learned to begin a line with the state of those before it, so this measures
    what that state is worth, not how well a model of single lines could do.

    Args and returns: as `stream_nats`.
    """
    bounds = line_bounds(ids)
    longest_first = np.argsort(bounds[:, 0] - bounds[:, 1], kind="stable")  # lines of like length share a batch
    nats = np.zeros(len(ids))
    for begin in range(0, len(bounds), config.batch):
        lines = bounds[longest_first[begin : begin + config.batch]]
        scores = _batch_nats(model, *padded_lines(ids, lines))
        nats[np.concatenate([np.arange(*line) for line in lines])] = scores
    return nats


def _require_memory(model: LanguageModel, device: torch.device, sizes: Mapping[str, int]) -> None:
    """Refuse a call whose logits and their log-softmax, 8 V bytes a token, do not fit."""
    require_memory(sizes, lambda *smaller: 8 * model.vocabulary_size * math.prod(smaller), free_memory(device))


def _lane_nats(model: LanguageModel, ids: NDArray[Any], chunk: int) -> NDArray[np.float64]:
    state, nats = model.initial_state(1), []
    _require_memory(model, state[0].device, {"score_lm.chunk": min(chunk, len(ids))})
    inputs, targets = (lane.to(state[0].device) for lane in one_lane(ids))
    for piece in zip(torch.split(inputs, chunk, dim=1), torch.split(targets, chunk, dim=1), strict=True):
        scores, state = token_nats(model, *piece, state)
        nats.append(scores[0])
    return torch.cat(nats).cpu().numpy().astype(np.float64)


def _batch_nats(model: LanguageModel, inputs: Tensor, targets: Tensor) -> NDArray[np.float64]:
    """Score rows that each begin with a zero state; return the targets' nats, row by row, without PAD."""
    state = model.initial_state(len(inputs))
    device = state[0].device
    rows, tokens = inputs.shape
    _require_memory(model, device, {"score_lm.batch": rows, "tokens of a line or window": tokens})
    scores, _ = token_nats(model, inputs.to(device), targets.to(device), state)
    return scores.cpu()[targets != PAD_ID].numpy().astype(np.float64)
