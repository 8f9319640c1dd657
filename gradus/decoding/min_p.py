"""Min-p sampling: draw from the types that are not much less probable than the most probable one."""

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
    """Draw every token: apply the temperature, then cut types below a share of the largest probability."""

    kind: Literal["min_p"]
    temperature: Annotated[float, Field(ge=0.0001, le=1000.0)]
    """Below 1 likely words become likelier, above 1 rare words do."""
    min_p: Annotated[float, Field(ge=0.0, le=1.0)]
    """Draw only from types whose probability is at least this share of the largest; 0 keeps all."""

    draws: ClassVar[bool] = True
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("min_p", "draws from types near the most probable one", {"temperature": 1.0, "min_p": 0.1}),
    )

    def decode(self, step: Step[StepState], request: Request, generator: torch.Generator) -> list[Hypothesis]:
        """Draw every token from `cut_below` of the model's distribution; see `Strategy.decode`."""
        return grow(step, request, lambda log_probs: draw(cut_below(log_probs, self), generator))

    def row_bytes(self) -> RowBytes:
        """Return the memory of one row; the measured peak is 24 bytes per type and per token."""
        return RowBytes(per_type=20, per_token=20)


def cut_below(log_probs: Tensor, sampling: MinP) -> Tensor:
    """Apply the temperature, keep types with q(v) >= min_p * max q, and renormalise.

    q(v) = p(v)^(1/temperature) / Z. A confident distribution keeps few types, a flat one many. The most probable
    type is always kept, so the result is never empty.

    An example with temperature 1 and min_p 0.5, so that the threshold is 0.5 * 0.40 = 0.20:

        type    a      b      c      d      e
        p       0.40   0.24   0.16   0.10   0.10
        kept    yes    yes    -      -      -
        q       0.625  0.375  0      0      0       (0.40 and 0.24 divided by 0.64)

    Args:
        log_probs: natural logs of distributions, shape (B, V).
    Returns:
        Natural logs of the cut distributions, (B, V); -inf for types that were cut.
    Source: Nguyen et al. (2024), Turning Up the Heat: Min-p Sampling. The temperature comes first, as in the code that
    the authors published; llama.cpp cuts first.
    """
    heated = torch.log_softmax(log_probs / sampling.temperature, dim=1)
    threshold = sampling.min_p * heated.amax(dim=1, keepdim=True).exp()  # (B, 1)
    return heated.masked_fill(heated.exp() < threshold, -torch.inf).log_softmax(dim=1)
