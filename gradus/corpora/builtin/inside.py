"""Compute exact probabilities of lines and texts, and the entropy floors (lowest expected losses) of a text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gradus.corpora.builtin.chart import Chart
from gradus.corpora.builtin.grammar import Grammar, Language
from gradus.corpora.builtin.projection import Projection, Value, project, restore_case
from gradus.errors import InputError


@dataclass(frozen=True, eq=False)
class Floors:
    """Entropy floors of a text: the lowest expected loss of any model, in nats, with one EOS per line."""

    line_nats: NDArray[np.float64]
    """Lowest expected loss of each line if the line is scored alone, float64 (N,): `-ln sum_z pi(z) P(line | z)`."""
    stream_nats: float
    """Lowest expected loss of the text if each line is scored given all previous lines: `-ln P(text)`."""


def floors(grammar: Grammar, lines: Sequence[str], *, language: Language, persistence: float) -> Floors:
    """Compute both entropy floors of a text: the lowest expected losses, without and with the previous lines.

    line_nats[t] = -ln sum_z pi(z) P(line t | z)
    stream_nats  = -ln P(line 1, ..., line N)

    Args:
        grammar: the grammar that the text was sampled from.
        lines: lines of the text in order, with single spaces between tokens.
        language: language of the text.
        persistence: probability that a line keeps the topic of the previous line.
    Raises:
        InputError: if the grammar does not generate a line, whose probability would be zero.
    """
    line_log_probs = log_probs(grammar, lines, language=language)
    mixed = np.logaddexp.reduce(line_log_probs + np.log(grammar.stationary), axis=1)
    total = stream_nats(line_log_probs, stationary=grammar.stationary, persistence=persistence)
    return Floors(line_nats=-mixed, stream_nats=total)


def line_nats(grammar: Grammar, line: str, *, language: Language) -> float | None:
    """Compute the negative log-probability of a line whose topic is unknown, in nats.

    line_nats = -ln sum_z pi(z) P(line | z)

    Returns:
        None if the grammar does not generate the line; infinity if it does, but the probability underflows.
    """
    scaled = _scaled(project(grammar, language), line)
    if scaled is None:
        return None
    total, log_scale = scaled
    mixed = float(np.sum(grammar.stationary * total))
    return log_scale - math.log(mixed) if mixed > 0.0 else math.inf


def log_probs(grammar: Grammar, lines: Sequence[str], *, language: Language) -> NDArray[np.float64]:
    """Compute ln P(line | z) of every line under every topic: float64, (N, K).

    Raises:
        InputError: if the grammar does not generate a line.
        FloatingPointError: if the probability of a line underflows.
    """
    projection = project(grammar, language)
    result = np.empty((len(lines), grammar.topics))
    for index, line in enumerate(lines):
        scaled = _scaled(projection, line)
        if scaled is None:
            remedy = "score only text that was sampled from this grammar"
            raise InputError(f"line {index + 1}", expected="a sentence of the grammar", found=line, remedy=remedy)
        total, log_scale = scaled
        if not np.all(np.asarray(total) > 0.0):
            raise FloatingPointError(f"line {index + 1}: the probability of this line is too small for float64: {line}")
        result[index] = np.log(total) - log_scale
    return result


def _scaled(projection: Projection, line: str) -> tuple[Value, float] | None:
    """Return P(line | z) times a scale, and the logarithm of the scale; None if the grammar does not generate the line.

    All probabilities of a word are divided by their maximum, and the scale is the product of these divisions. They
    prevent underflow in lines of several hundred tokens.
    """
    # Split at single spaces, not at all white space: a line with two spaces has probability zero.
    tokens = restore_case(projection, line.split(" "))
    if tokens is None:
        return None
    largest = _largest_probabilities(projection)
    scales = [1.0 / largest[token] for token in tokens]
    total = Chart(projection, tokens, scales).total()
    return None if total is None else (total, float(np.sum(np.log(scales))))


@lru_cache(maxsize=8)  # as `project`: `line_nats` needs the same maxima again for every line
def _largest_probabilities(projection: Projection) -> Mapping[str, float]:
    """Return each word's maximum probability over preterminals and topics, or 1 if the word occurs only in rules."""
    largest = dict.fromkeys(projection.vocabulary, 0.0)
    for words in projection.words:
        for word, value in words.items():
            largest[word] = max(largest[word], float(np.max(value)))
    return {word: value or 1.0 for word, value in largest.items()}


def stream_nats(line_log_probs: NDArray[np.float64], *, stationary: NDArray[np.float64], persistence: float) -> float:
    """Compute -ln P(text) by the forward algorithm over lines.

    alpha_1(z) = pi(z) P(line 1 | z)
    alpha_t(z) = [rho alpha_{t-1}(z) + (1 - rho) pi(z) sum_y alpha_{t-1}(y)] P(line t | z)
    P(text) = sum_z alpha_N(z)

    alpha is normalised after every line, and the logarithms of the normalisers are summed, so that no alpha underflows.

    Args:
        line_log_probs: ln P(line t | z), shape (N, K).
        stationary: pi, shape (K,).
        persistence: rho, in [0, 1].
    Returns:
        -ln P(text) in nats; zero for a text without lines.
    Source: Rabiner (1989), A tutorial on hidden Markov models, equations 19-21 and 91-92.
    """
    prior, nats = stationary, 0.0
    for log_prob in line_log_probs:
        peak = float(np.max(log_prob))
        joint = prior * np.exp(log_prob - peak)  # without the peak, exp would underflow
        total = float(joint.sum())
        nats -= peak + float(np.log(total))
        prior = persistence * joint / total + (1.0 - persistence) * stationary
    return nats
