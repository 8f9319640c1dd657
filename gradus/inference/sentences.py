"""Decode source sentences in batches. The sentences of a batch have similar lengths."""

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
    """Source sentences to translate, and the settings for translating them in batches."""

    lengths: NDArray[np.int64]
    """Number of source tokens in each sentence, shape (n,)."""
    step: Callable[[NDArray[np.int64]], Step[Any]]
    """Function from the indices of a batch of sentences to the `Step` that computes the next-token distributions of
    the translations."""
    batch: int
    """Number of sentences that are decoded together."""
    max_length: int
    """Maximum number of target tokens in a hypothesis."""


def decode_sentences(
    sentences: Sentences, strategy: Strategy, generator: torch.Generator, track: Track = silent
) -> list[Hypothesis]:
    """Decode all sentences; return one hypothesis per sentence, in the order of the sentences.

    Args:
        sentences: lengths of the source sentences, and a function that makes the model's `Step` for a batch.
        strategy: decoding strategy.
        generator: random generator, on the device of the model.
        track: progress display.
    Raises:
        InputError: if a batch does not fit into memory.
        RunError: if the model assigns probability zero to every token after some prefix.
    """
    # The longest sentences come first, so that a batch that does not fit into memory fails at the start.
    # A stable sort, because other sorts can order equal lengths differently on another processor.
    order = np.argsort(-sentences.lengths, kind="stable")
    batches = np.split(order, range(sentences.batch, len(order), sentences.batch))
    found: dict[int, Hypothesis] = {}
    for rows in track(batches, "translate", len(batches)):
        request = Request(len(rows), sentences.max_length, device=generator.device)
        hypotheses = decode(sentences.step(rows), request, strategy, generator)
        found.update(zip(rows.tolist(), hypotheses, strict=True))
    return [found[row] for row in range(len(order))]
