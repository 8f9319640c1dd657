"""What a decoder is asked for, and what it gives back."""

from dataclasses import dataclass

import torch

from gradus.text.special import EOS_ID


@dataclass(frozen=True)
class Request:
    """Rows to decode together and where they end.

    A row ends with EOS, or uncut at `max_length` tokens. With `stop_at_eos=False` EOS is a token like any
    other, fed on as the end of a line, and every row has exactly `max_length` tokens.
    """

    batch: int
    max_length: int
    stop_at_eos: bool = True
    device: torch.device = torch.device("cpu")


@dataclass(frozen=True)
class Hypothesis:
    """One decoded row."""

    tokens: tuple[int, ...]
    """Token ids as the model wrote them, EOS included where it wrote one."""
    log_prob: float
    """ln P(tokens) under the model itself, nats: before temperature, cuts and penalties."""
    score: float
    """What the decoder ranks by: `log_prob`, divided by the length penalty in beam search."""

    @property
    def content(self) -> list[int]:
        """The tokens without a closing EOS."""
        return list(self.tokens[:-1] if self.tokens[-1] == EOS_ID else self.tokens)


def length_penalty(length: int, alpha: float) -> float:
    """Return ((5 + length) / 6)^alpha, by which a log-probability is divided; `length` counts EOS.

    Source: Wu et al. (2016), Google's Neural Machine Translation System, equation 14.
    """
    return float(((5 + length) / 6) ** alpha)
