"""Decoding a whole text, sentences of like length together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gradus.decoding.decode import decode
from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.strategy import Strategy
from gradus.interfaces.step import Step
from gradus.progress import Track, silent


@dataclass(frozen=True)
class Sentences:
    """Source sentences and how to translate them."""

    lengths: NDArray[np.int64]
    """Source tokens of every sentence, (n,)."""
    step: Callable[[NDArray[np.int64]], Step[Any]]
    """The step of the sentences whose numbers it is given."""
    batch: int
    """Sentences decoded together."""
    max_length: int
    """Target tokens at most."""


def decode_sentences(
    sentences: Sentences, strategy: Strategy, generator: torch.Generator, track: Track = silent
) -> list[Hypothesis]:
    """Decode every sentence; return hypotheses in the order of the sentences.

    The longest come first, so that a batch too large for the memory fails at once.

    Args:
        generator: source of draws, on the device of the steps.
    Raises:
        RunError: if the model gives no token any probability after some prefix.
    """
    order = np.argsort(-sentences.lengths, kind="stable")
    batches = np.split(order, range(sentences.batch, len(order), sentences.batch))
    found: dict[int, Hypothesis] = {}
    for rows in track(batches, "translate", len(batches)):
        request = Request(len(rows), sentences.max_length, device=generator.device)
        hypotheses = decode(sentences.step(rows), request, strategy, generator)
        found.update(zip(rows.tolist(), hypotheses, strict=True))
    return [found[row] for row in range(len(order))]
