"""Define decoding requests, the hypotheses that a decoder returns, and the length penalty."""

from dataclasses import dataclass

import torch

from gradus.text.special import EOS_ID


@dataclass(frozen=True)
class Request:
    """Decoding request: how many rows are decoded together, and when a row ends.

    A row ends with EOS, or at `max_length` tokens. If `stop_at_eos` is False, EOS does not end a row: the model
    continues with the next line, and every row has exactly `max_length` tokens.
    """

    batch: int
    max_length: int
    stop_at_eos: bool = True
    device: torch.device = torch.device("cpu")


@dataclass(frozen=True)
class Hypothesis:
    """One decoded row."""

    tokens: tuple[int, ...]
    """Token ids that the model wrote, including EOS."""
    log_prob: float
    """ln P(tokens) in nats under the model itself, without temperature, truncation or penalty."""
    score: float
    """Number by which the decoder ranks hypotheses. Beam search divides `log_prob` by the length penalty."""

    @property
    def content(self) -> list[int]:
        """Token ids without an EOS at the end."""
        return list(self.tokens[:-1] if self.tokens[-1] == EOS_ID else self.tokens)


def length_penalty(length: int, alpha: float) -> float:
    """Return the length penalty `((5 + length) / 6)^alpha`, where `length` includes EOS.

    The log-probability of a hypothesis is divided by the penalty.

    Source: Wu et al. (2016), Google's Neural Machine Translation System, equation 14.
    """
    return float(((5 + length) / 6) ** alpha)
