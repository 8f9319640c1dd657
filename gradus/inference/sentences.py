"""Decode a source text in batches of sentences of similar length."""

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
    """Source sentences and how to decode them."""

    lengths: NDArray[np.int64]
    """Source tokens of every sentence, (n,)."""
    step: Callable[[NDArray[np.int64]], Step[Any]]
    """Returns the step of some sentences, given their numbers."""
    batch: int
    """Sentences decoded together."""
    max_length: int
    """Longest hypothesis, in target tokens."""


def decode_sentences(
    sentences: Sentences, strategy: Strategy, generator: torch.Generator, track: Track = silent
) -> list[Hypothesis]:
    """Decode every sentence; return hypotheses in the order of the sentences.

    Args:
        generator: source of draws, on the device of the steps.
    Raises:
        InputError: if a batch does not fit into memory.
        RunError: if the model gives every token probability zero after some prefix.
    """
    # Longest first, so that a batch too large for the memory fails at once.
    order = np.argsort(-sentences.lengths, kind="stable")
    batches = np.split(order, range(sentences.batch, len(order), sentences.batch))
    found: dict[int, Hypothesis] = {}
    for rows in track(batches, "translate", len(batches)):
        request = Request(len(rows), sentences.max_length, device=generator.device)
        hypotheses = decode(sentences.step(rows), request, strategy, generator)
        found.update(zip(rows.tolist(), hypotheses, strict=True))
    return [found[row] for row in range(len(order))]
