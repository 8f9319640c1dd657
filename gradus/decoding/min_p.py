"""Min-p sampling: draw from types whose probability is not much below the largest probability."""

from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.decoding.growing import draw, grow
from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.strategy import SETTINGS, Preset, RowBytes, Strategy
from gradus.interfaces.step import Step, StepState


@dataclass(frozen=True, kw_only=True, config=SETTINGS)
class MinP(Strategy):
    """Apply a temperature, drop types whose probability is below `min_p` times the largest, and draw a type."""

    kind: Literal["min_p"]
    temperature: Annotated[float, Field(ge=0.0001, le=1000.0)]
    """A value below 1 makes likely words likelier, so the texts become more usual; a value above 1 makes rare words
    likelier, so the texts become more surprising. 1 keeps the probabilities of the model."""
    min_p: Annotated[float, Field(ge=0.0, le=1.0)]
    """Draw only from words whose probability is at least this share of the probability of the likeliest word: with 0.1,
    at least a tenth of it. 0 keeps all words."""

    draws: ClassVar[bool] = True
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset(
            "min_p",
            "draws from the words that are at least min-p times as likely as the likeliest",
            {"temperature": 1.0, "min_p": 0.1},
        ),
    )

    def decode(self, step: Step[StepState], request: Request, generator: torch.Generator) -> list[Hypothesis]:
        """Draw every token from the distribution that `keep_probable` returns; see `Strategy.decode`."""
        return grow(step, request, lambda log_probs: draw(keep_probable(log_probs, self), generator))

    def row_bytes(self) -> RowBytes:
        """Return the memory that one row takes.

        The measured peaks are 24 bytes per type of the vocabulary and 24 bytes per token of the row.
        """
        return RowBytes(per_type=20, per_token=20)


def keep_probable(log_probs: Tensor, sampling: MinP) -> Tensor:
    """Apply the temperature, drop types that are much less probable than the most probable type, and normalise.

        q(v) = p(v)^(1 / temperature) / Z,   where Z makes the sum of q equal to 1

    A type v is kept if q(v) is at least `min_p` times the largest q. Few types are kept if one type is very probable;
    many are kept if all probabilities are similar. The most probable type is always kept. The result is q of the kept
    types, normalised again.

    An example with temperature 1 and min_p 0.5, so that the threshold is 0.5 * 0.40 = 0.20:

        type    a      b      c      d      e
        p       0.40   0.24   0.16   0.10   0.10
        kept    yes    yes    -      -      -
        result  0.625  0.375  0      0      0       (0.40 and 0.24 divided by 0.64)

    Args:
        log_probs: natural logs of distributions, shape (B, V).
        sampling: temperature and min_p.
    Returns:
        Natural logs of the truncated distributions, (B, V); -inf for types that were dropped.

    Source: Nguyen et al. (2024), Turning Up the Heat: Min-p Sampling. As in the authors' code, the temperature is
    applied before types are dropped. In llama.cpp, types are dropped first.
    """
    heated = torch.log_softmax(log_probs / sampling.temperature, dim=1)
    threshold = sampling.min_p * heated.amax(dim=1, keepdim=True).exp()  # (B, 1)
    # `<`, so that the most probable type is kept even if min_p is 1.
    return heated.masked_fill(heated.exp() < threshold, -torch.inf).log_softmax(dim=1)
