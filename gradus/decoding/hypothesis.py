"""Request to a decoder, and the hypotheses that it returns."""

from dataclasses import dataclass

import torch

from gradus.text.special import EOS_ID


@dataclass(frozen=True)
class Request:
    """Rows to decode together, and where they end.

    A row ends with EOS, or after `max_length` tokens without it. With `stop_at_eos=False`, EOS is a token like any
    other: the model reads it as the end of a line and goes on, and every row has exactly `max_length` tokens.
    """

    batch: int
    max_length: int
    stop_at_eos: bool = True
    device: torch.device = torch.device("cpu")


@dataclass(frozen=True)
class Hypothesis:
    """One decoded row."""

    tokens: tuple[int, ...]
    """Token ids that the model wrote, its EOS included."""
    log_prob: float
    """ln P(tokens) under the model itself, nats: before temperature, cuts and penalties."""
    score: float
    """Number by which the decoder ranks: `log_prob`, which beam search divides by the length penalty."""

    @property
    def content(self) -> list[int]:
        """Tokens without a closing EOS."""
        return list(self.tokens[:-1] if self.tokens[-1] == EOS_ID else self.tokens)


def length_penalty(length: int, alpha: float) -> float:
    """Return the divisor of a log-probability, ((5 + length) / 6)^alpha; `length` counts EOS.

    Source: Wu et al. (2016), Google's Neural Machine Translation System, equation 14.
    """
    return float(((5 + length) / 6) ** alpha)
