"""Small models whose distributions the tests can look up."""

import itertools
import math

import pytest
import torch
from torch import Tensor

from gradus.text.special import BOS_ID, EOS_ID, PAD_ID


class PrefixStep:
    """One random distribution per prefix; the state is the prefix.

    A decoder that mixes up rows, or forgets to reorder the state, gets the distribution of another prefix.
    """

    first = BOS_ID

    def __init__(self, vocabulary_size: int, seed: int, sources: int = 1, eos: float = 0.0) -> None:
        self.vocabulary_size, self.sources = vocabulary_size, sources
        self._seed, self._eos, self._rows = seed, eos, {}
        self.fed = 0

    def distribution(self, source: int, prefix: tuple[int, ...]) -> Tensor:
        key = (source, *prefix)
        if key not in self._rows:
            generator = torch.Generator().manual_seed(hash((self._seed, key)) % 2**62)
            logits = torch.randn(self.vocabulary_size, generator=generator)
            logits[EOS_ID] += self._eos
            logits[[PAD_ID, BOS_ID]] = -torch.inf
            self._rows[key] = logits.log_softmax(0)
        return self._rows[key]

    def start(self, batch: int) -> list[tuple[int, ...]]:
        return [(row % self.sources,) for row in range(batch)]

    def step(self, tokens: Tensor, state: list[tuple[int, ...]]) -> tuple[Tensor, list[tuple[int, ...]]]:
        self.fed += len(tokens)
        grown = [(*row, token) for row, token in zip(state, tokens.tolist(), strict=True)]
        return torch.stack([self.distribution(row[0], row[1:]) for row in grown]), grown

    def select(self, state: list[tuple[int, ...]], rows: Tensor) -> list[tuple[int, ...]]:
        return [state[row] for row in rows.tolist()]

    def state_bytes(self, length: int) -> int:
        return 0

    def log_prob(self, source: int, tokens: tuple[int, ...]) -> float:
        fed = (self.first, *tokens)
        return math.fsum(
            float(self.distribution(source, fed[: place + 1])[token]) for place, token in enumerate(tokens)
        )

    def space(self, max_length: int) -> list[tuple[int, ...]]:
        """Return every row that ends with EOS or has `max_length` tokens."""
        types = [v for v in range(self.vocabulary_size) if v not in (PAD_ID, BOS_ID)]
        going = [v for v in types if v != EOS_ID]
        ended = [(*row, EOS_ID) for length in range(max_length) for row in itertools.product(going, repeat=length)]
        return ended + list(itertools.product(going, repeat=max_length))


class FixedStep:
    """The same distribution after every prefix."""

    first = EOS_ID

    def __init__(self, probs: list[float]) -> None:
        self.vocabulary_size = len(probs)
        self._log_probs = torch.tensor(probs).log()

    def start(self, batch: int) -> None:
        return None

    def step(self, tokens: Tensor, state: None) -> tuple[Tensor, None]:
        return self._log_probs.expand(len(tokens), -1), None

    def select(self, state: None, rows: Tensor) -> None:
        return None

    def state_bytes(self, length: int) -> int:
        return 0


@pytest.fixture
def prefix_step():
    return PrefixStep


@pytest.fixture
def fixed_step():
    return FixedStep
