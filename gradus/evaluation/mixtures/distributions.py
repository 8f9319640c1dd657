"""Compute the whole next-token distribution of a language model before every token of a text."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradus.evaluation.batches import longest_first, padded_lines, windows
from gradus.evaluation.mixtures.ngrams import ngram_log_probs, rows_of_piece
from gradus.evaluation.mixtures.setup import Setup
from gradus.families.components import Component
from gradus.families.networks import NeuralFolder
from gradus.interfaces.language_model import LanguageModel
from gradus.results.score import Context
from gradus.text.special import PAD_ID
from gradus.text.streams import chunks, lanes


def reading_order(ids: NDArray[Any], context: Context) -> NDArray[np.int64]:
    """Return the positions of the tokens in the order in which all models give their distributions.

    In the context `stream` this is the order of the text. In the context `line`, longer lines come first, so that
    lines of similar length share a batch.
    """
    if context == "stream":
        return np.arange(len(ids))
    return np.concatenate([np.arange(begin, end) for begin, end in longest_first(ids)])


def all_log_probs(
    models: Sequence[Component], ids: NDArray[Any], context: Context, setup: Setup
) -> Iterator[tuple[list[Tensor], NDArray[np.int64]]]:
    """Yield the distributions of several models, some tokens of the text at a time.

    Args:
        models: the K models. N-gram models read every line alone, in both contexts.
        ids: token ids of the text, EOS after every line, shape (n_tokens,).
        context: text that networks read before each token.
        setup: settings of networks, and device of the result.
    Yields:
        The log-probabilities of every token of the vocabulary under each of the models, nats, float32 (n, V); and the
        positions of the n tokens in the text.
    """
    order, begin = reading_order(ids, context), 0
    for parts in _aligned([_log_probs(model, ids, context, setup) for model in models]):
        end = begin + len(parts[0])
        yield [part.to(setup.device) for part in parts], order[begin:end]
        begin = end


def _log_probs(model: Component, ids: NDArray[Any], context: Context, setup: Setup) -> Iterator[Tensor]:
    if isinstance(model, NeuralFolder):
        return _network_log_probs(model.model(setup.device), ids, context, setup)
    return map(torch.from_numpy, ngram_log_probs(model.model(), ids, reading_order(ids, context)))


def _network_log_probs(model: LanguageModel, ids: NDArray[Any], context: Context, setup: Setup) -> Iterator[Tensor]:
    tokens = rows_of_piece(model.vocabulary_size)
    if context == "line":
        batches = _line_batches(ids, tokens)
    elif model.window is None:
        return _lane_log_probs(model, ids, min(tokens, setup.scoring.chunk))
    else:
        rows = min(setup.scoring.batch, max(1, tokens // model.window))
        pairs = (torch.split(part, rows) for part in windows(ids, model.window, setup.scoring.stride))
        batches = zip(*pairs, strict=True)
    return (_batch_log_probs(model, inputs, targets) for inputs, targets in batches)


def _line_batches(ids: NDArray[Any], tokens: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches of padded lines with at most `tokens` tokens, or with one line."""
    lines, begin = longest_first(ids), 0
    while begin < len(lines):
        first, last = lines[begin]
        rows = max(1, tokens // int(last - first))
        yield padded_lines(ids, lines[begin : begin + rows])
        begin += rows


@torch.inference_mode()
def _batch_log_probs(model: LanguageModel, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return the distributions of all targets of a batch except PAD, row after row, (n, V)."""
    state = model.initial_state(len(inputs))
    features, _ = model.advance(inputs.to(state[0].device), state)
    logits: Tensor = model.output(features[(targets != PAD_ID).to(features.device)])
    return logits.float().log_softmax(-1)


@torch.inference_mode()
def _lane_log_probs(model: LanguageModel, ids: NDArray[Any], chunk: int) -> Iterator[Tensor]:
    state = model.initial_state(1)
    inputs, targets = (lane.to(state[0].device) for lane in lanes(ids, batch=1))
    for piece, _ in chunks(inputs, targets, chunk):
        features, state = model.advance(piece, state)
        yield model.output(features[0]).float().log_softmax(-1)


def _aligned(sources: Sequence[Iterator[Tensor]]) -> Iterator[list[Tensor]]:
    """Cut the pieces of several sources, which have equally many rows in all, so that they agree."""
    waiting = [torch.zeros(0)] * len(sources)
    while True:
        for place, source in enumerate(sources):
            if not len(waiting[place]):
                piece = next(source, None)
                if piece is None:
                    return
                waiting[place] = piece
        rows = min(map(len, waiting))
        yield [part[:rows] for part in waiting]
        waiting = [part[rows:] for part in waiting]
