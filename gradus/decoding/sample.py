"""Sampling with a temperature, from the k most probable types or from the nucleus."""

from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.decoding.growing import WHOLE, draw, grow, mass
from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.strategy import SETTINGS, Preset, RowBytes, Strategy
from gradus.interfaces.step import Step, StepState

_WHOLE_DISTRIBUTION = {"temperature": 1.0, "top_k": 0, "top_p": 1.0}


@dataclass(frozen=True, kw_only=True, config=SETTINGS)
class Sample(Strategy):
    """Apply a temperature, reduce the types to the `top_k` most probable, then to the nucleus, and draw a type."""

    kind: Literal["sample"]
    temperature: Annotated[float, Field(ge=0.0001, le=1000.0)]
    """A value below 1 makes likely words likelier, so the texts become more usual; a value above 1 makes rare words
    likelier, so the texts become more surprising. 1 keeps the probabilities of the model."""
    top_k: Annotated[int, Field(ge=0, le=10**9)]
    """Draw only from this number of likeliest words. 0 keeps all words."""
    top_p: Annotated[float, Field(gt=0.0, le=1.0)]
    """Draw only from the likeliest words that together have this probability: with 0.9, the unlikely words that share
    the last tenth are left out. 1.0 keeps all words."""

    draws: ClassVar[bool] = True
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("sample", "draws from all words", _WHOLE_DISTRIBUTION),
        Preset("top_k", "draws from the k likeliest words", {**_WHOLE_DISTRIBUTION, "top_k": 40}),
        Preset(
            "nucleus",
            "draws from the likeliest words that together reach the probability top-p",
            {**_WHOLE_DISTRIBUTION, "top_p": 0.9},
        ),
    )

    def decode(self, step: Step[StepState], request: Request, generator: torch.Generator) -> list[Hypothesis]:
        """Draw every token from the distribution that `truncate` returns; see `Strategy.decode`."""
        return grow(step, request, lambda log_probs: draw(truncate(log_probs, self), generator))

    def row_bytes(self) -> RowBytes:
        """Return the memory that one row takes.

        The measured peak per type of the vocabulary is 24 bytes with temperature only, 28 bytes with top-k, and 44
        bytes with a nucleus.
        """
        per_type = 40 if self.top_p < 1 else 24 if self.top_k else 20
        return RowBytes(per_type, per_token=20)  # the measured peak is 24


def truncate(log_probs: Tensor, sampling: Sample) -> Tensor:
    """Apply the temperature, reduce the types to the `top_k` most probable, then to the nucleus, and normalise.

        q(v) = p(v)^(1 / temperature) / Z,   where Z makes the sum of q equal to 1

    The `top_k` largest values of q are kept and normalised. The nucleus is the smallest set of most probable types
    whose probabilities sum to at least `top_p`. It is never empty. Its probabilities are normalised again. Of equally
    probable types, smaller ids come first.

    An example with temperature 1, top_k 4 and top_p 0.85:

        type           a      b      c      d      e
        p              0.40   0.24   0.16   0.10   0.10
        top_k 4        0.444  0.267  0.178  0.111  -       (each divided by their sum, 0.90)
        sum so far     0.444  0.711  0.889  1.000
        nucleus        kept   kept   kept   -      -       (0.711 is below 0.85; 0.889 is above)
        result         0.50   0.30   0.20   0      0       (0.40, 0.24 and 0.16 divided by 0.80)

    Without `top_k`, the sums are 0.40, 0.64, 0.80, 0.90, and the nucleus holds four types.

    Args:
        log_probs: natural logs of distributions, shape (B, V).
        sampling: temperature, top_k and top_p.
    Returns:
        Natural logs of the truncated distributions, (B, V); -inf for types that were dropped.

    Source: Holtzman et al. (2020), The Curious Case of Neural Text Degeneration; Fan et al. (2018) for top-k.
    """
    heated = torch.log_softmax(log_probs / sampling.temperature, dim=1)
    if not sampling.top_k and sampling.top_p == 1.0:
        return heated
    ranked, types = heated.sort(dim=1, descending=True, stable=True)  # stable: of equal types, smaller ids come first
    if sampling.top_k:
        ranked[:, sampling.top_k :] = -torch.inf
    if sampling.top_p < 1.0:
        share = mass(ranked)
        before = share.cumsum(dim=1) - share  # mass of more probable types; 0 for the first type, so it is kept
        wanted = max(1.0, sampling.top_p * WHOLE)  # at least 1, because a tiny top_p would keep no type
        ranked = ranked.masked_fill(before >= wanted, -torch.inf)
    return torch.empty_like(heated).scatter_(1, types, ranked.log_softmax(dim=1))
