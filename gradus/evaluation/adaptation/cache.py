"""The continuous cache: recent tokens become more probable where the network's features resemble those before them."""

import math
from dataclasses import dataclass as plain_dataclass
from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.evaluation.adaptation.subject import StreamScorer, Subject
from gradus.memory import require_memory
from gradus.params import STRICT
from gradus.results.fields import Name
from gradus.runtime import free_memory
from gradus.text.streams import chunks, lanes

ROWS = 256
"""Largest number of positions that are compared with their windows at once."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CacheConfig:
    """Section `adapt_lm.NAME` of params.yaml for the kind `cache`."""

    kind: Literal["cache"]
    model: Name
    """Name of the network, a key of `train_lm`."""
    weight: Annotated[float, Field(ge=0, lt=1)]
    """lambda, weight of the cache in the mixture of both distributions."""
    theta: Annotated[float, Field(ge=0, le=1e6)]
    """theta, factor of the similarity. With 0, the cache is a unigram model of the last `window` tokens."""
    window: Annotated[int, Field(ge=1, le=10**9)]
    """Number of earlier tokens in the cache."""


@plain_dataclass(frozen=True)
class _Texts:
    """Positions of a text: their features, (T, H), their tokens, (T,), and the tokens' log-probabilities, (T,)."""

    features: Tensor
    tokens: Tensor
    log_probs: Tensor


def cache_scorer(subject: Subject, config: CacheConfig) -> StreamScorer:
    """Return a function that scores a text with a network and its continuous cache.

        P(w_t = v) = (1 - lambda) P_model(v) + lambda P_cache(v)
        P_cache(v) = sum over i of [w_i = v] exp(theta h_t . h_i) / sum over i of exp(theta h_t . h_i)

    The sums run over the last `window` tokens before `w_t`, from the beginning of the text. The vector `h_t` holds the
    features from which the network predicts `w_t`. The first token has no cache, so its probability is `P_model`.

    Source: Grave, Joulin and Usunier (2017), Improving neural language models with a continuous cache. The paper's
    features are the last layer's states; here they are what the output layer reads, which is the same for most
    networks.

    Raises:
        InputError: by the returned function, if the window does not fit into memory.
    """

    @torch.inference_mode()
    def score(ids: NDArray[Any]) -> NDArray[np.float64]:
        if len(ids) == 0:
            return np.zeros(0)
        state = subject.model.initial_state(1)
        device = next(subject.model.parameters()).device
        _require_memory(subject, config, len(ids), device)
        inputs, targets = (lane.to(device) for lane in lanes(ids, batch=1))
        past, nats = None, []
        for piece_inputs, piece_targets in chunks(inputs, targets, subject.chunk):
            features, state = subject.model.advance(piece_inputs, state)
            log_probs = -subject.model.output.token_nats(features, piece_targets)
            piece = _Texts(features[0], piece_targets[0], log_probs[0])
            past, begin = _joined(past, piece, config.window)
            nats.append(_mixed_nats(past, begin, config))
        return torch.cat(nats).cpu().numpy()

    return score


def _require_memory(subject: Subject, config: CacheConfig, n_tokens: int, device: torch.device) -> None:
    """Raise InputError if the features of the window do not fit into memory, 4 bytes per number."""
    sizes = {"window": min(config.window, n_tokens)}
    require_memory(sizes, lambda window: 4 * subject.model.output.width * window, free_memory(device))


def _joined(past: _Texts | None, piece: _Texts, window: int) -> tuple[_Texts, int]:
    """Append a piece to the last `window` positions before it; return both, and the position where the piece begins."""
    if past is None:
        return piece, 0
    begin = min(window, len(past.tokens))
    pairs = zip(_fields(past), _fields(piece), strict=True)
    return _Texts(*(torch.cat([old[len(old) - begin :], new]) for old, new in pairs)), begin


def _fields(texts: _Texts) -> tuple[Tensor, Tensor, Tensor]:
    return texts.features, texts.tokens, texts.log_probs


def _mixed_nats(text: _Texts, begin: int, config: CacheConfig) -> Tensor:
    """Return the negative log-probabilities of the tokens from position `begin` on, nats, float64 (n,)."""
    window = min(config.window, len(text.tokens))
    rows = max(1, min(ROWS, 2**22 // window))  # at most 32 MB of similarities, unless the window is longer
    parts = []
    for first in range(begin, len(text.tokens), rows):
        last = min(first + rows, len(text.tokens))
        cached = _cache_log_probs(text, slice(first, last), config)
        model = text.log_probs[first:last].double()
        mixed = torch.logaddexp(model + math.log1p(-config.weight), cached + _log(config.weight))
        parts.append(-torch.where(cached.isnan(), model, mixed))
    return torch.cat(parts)


def _cache_log_probs(text: _Texts, rows: slice, config: CacheConfig) -> Tensor:
    """Return `ln P_cache(w_t)` for the positions in `rows`, float64 (R,); -inf if `w_t` is new, NaN without a cache."""
    oldest = max(0, rows.start - config.window)
    places = torch.arange(oldest, rows.stop, device=text.tokens.device)
    ages = places[rows.start - oldest :, None] - places  # (R, K), positive for earlier tokens
    scores = config.theta * torch.mm(text.features[rows], text.features[oldest : rows.stop].t()).double()
    scores = scores.masked_fill((ages < 1) | (ages > config.window), -math.inf)
    equal = text.tokens[rows, None] == text.tokens[oldest : rows.stop]
    same = scores.masked_fill(~equal, -math.inf)
    return torch.logsumexp(same, dim=1) - torch.logsumexp(scores, dim=1)


def _log(weight: float) -> float:
    return math.log(weight) if weight else -math.inf
