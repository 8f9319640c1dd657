"""Score a text with a neural language model: compute the negative log-probability of every token."""

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
from gradus.evaluation.batches import longest_first, padded_lines, windows
from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.losses import token_nats
from gradus.memory import require_memory
from gradus.params import STRICT
from gradus.results.score import Context
from gradus.runtime import free_memory
from gradus.text.special import PAD_ID
from gradus.text.streams import chunks, lanes


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ScoringConfig:
    """Section `score_lm` of params.yaml.

    `chunk` and `batch` determine the speed and the memory. They change results only by rounding errors.
    """

    stride: Annotated[int, Field(ge=1, le=10**9)]
    """Number of tokens from the start of one window to the start of the next window, for a model with a window. After
    the first window every token has at least `window - stride` tokens of context."""
    chunk: Annotated[int, Field(ge=1, le=10**9)]
    """Number of tokens that a recurrent model reads in one forward pass."""
    batch: Annotated[int, Field(ge=1, le=10**9)]
    """Number of windows, or of lines, that a model reads in one forward pass."""


@torch.inference_mode()
def stream_nats(model: LanguageModel, ids: NDArray[Any], config: ScoringConfig) -> NDArray[np.float64]:
    """Score a text as one stream, in which the context of a token is all earlier text.

    nats[t] = -ln P(ids[t] | EOS, ids[0] .. ids[t-1])

    Neural models are trained on such streams. A recurrent model reads the text in order, starting from a zero state and
    the input EOS. A model with a window scores overlapping windows, so the context of a token consists of the
    earlier tokens in the window.

    Args:
        model: a language model in evaluation mode.
        ids: token ids of the text, EOS after every line, shape (n_tokens,).
        config: stride of the windows, and number of tokens per forward pass.
    Returns:
        Negative log-probability of every token, nats, float64 (n_tokens,).
    Raises:
        InputError: if the stride is longer than the model's window, or a forward pass does not fit into memory.
    """
    if len(ids) == 0:
        return np.zeros(0)
    if model.window is None:
        return _lane_nats(model, ids, config.chunk)
    if config.stride > model.window:
        raise InputError(
            "params.yaml: score_lm.stride",
            expected=f"at most {model.window}, the window of the model",
            found=str(config.stride),
            remedy="lower the stride or widen the model's window",
        )
    inputs, targets = windows(ids, model.window, config.stride)
    parts = zip(torch.split(inputs, config.batch), torch.split(targets, config.batch), strict=True)
    return np.concatenate([batch_nats(model, *part) for part in parts])


@torch.inference_mode()
def line_nats(model: LanguageModel, ids: NDArray[Any], config: ScoringConfig) -> NDArray[np.float64]:
    """Score every line of a text without the earlier lines, as n-gram models do.

    nats[t] = -ln P(ids[t] | EOS, the line's tokens before t)

    The state at the start of each line is zero.

    The first input of a line is EOS, because in training EOS precedes every line, and the embedding of BOS is never
    trained. In training the state at the start of a line summarizes the earlier lines; here the state is zero.
    Therefore a network that was trained on single lines could have better scores.

    The arguments and the result have the same types and meanings as in `stream_nats`.
    """
    every, nats = longest_first(ids), np.zeros(len(ids))
    for begin in range(0, len(every), config.batch):
        lines = every[begin : begin + config.batch]
        scores = batch_nats(model, *padded_lines(ids, lines))
        nats[np.concatenate([np.arange(*line) for line in lines])] = scores
    return nats


def network_nats(model: LanguageModel, ids: NDArray[Any], config: ScoringConfig) -> dict[Context, NDArray[np.float64]]:
    """Score a text in two contexts: `stream` includes the earlier lines of the text, and `line` does not."""
    return {"stream": stream_nats(model, ids, config), "line": line_nats(model, ids, config)}


def _require_memory(model: LanguageModel, device: torch.device, sizes: Mapping[str, int]) -> None:
    """Raise InputError if the features of a forward pass do not fit into memory.

    Each token needs at least `8 H` bytes: the H inputs and the H outputs of a layer, as float32. The logits of all
    tokens are never in memory at once.
    """
    require_memory(sizes, lambda *smaller: 8 * model.output.width * math.prod(smaller), free_memory(device))


def _lane_nats(model: LanguageModel, ids: NDArray[Any], chunk: int) -> NDArray[np.float64]:
    state, nats = model.initial_state(1), []
    _require_memory(model, state[0].device, {"score_lm.chunk": min(chunk, len(ids))})
    inputs, targets = (lane.to(state[0].device) for lane in lanes(ids, batch=1))
    for piece in chunks(inputs, targets, chunk):
        scores, state = token_nats(model, *piece, state)
        nats.append(scores[0])
    return torch.cat(nats).cpu().numpy().astype(np.float64)


def batch_nats(model: LanguageModel, inputs: Tensor, targets: Tensor) -> NDArray[np.float64]:
    """Score the rows of a batch. The state at the start of each row is zero.

    Returns:
        Negative log-probability of every target except PAD, nats, row after row.
    """
    state = model.initial_state(len(inputs))
    device = state[0].device
    rows, tokens = inputs.shape
    _require_memory(model, device, {"score_lm.batch": rows, "tokens of a line or window": tokens})
    scores, _ = token_nats(model, inputs.to(device), targets.to(device), state)
    return scores.cpu()[targets != PAD_ID].numpy().astype(np.float64)
