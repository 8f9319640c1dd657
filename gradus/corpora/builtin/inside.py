"""The exact probability of lines and of a whole text, and with it the two floors under every language model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.corpora.builtin.chart import Chart
from gradus.corpora.builtin.grammar import Grammar, Language
from gradus.corpora.builtin.parsing import restore_case
from gradus.corpora.builtin.projection import Projection, project
from gradus.errors import InputError


@dataclass(frozen=True, eq=False)
class Floors:
    """The least loss that a model can expect, in nats, ends of lines included.

    Attributes:
        line_nats: -ln sum_z pi(z) P(line | z) of every line, float64, shape (N,): no context but the line itself.
        stream_nats: -ln P(text): the lines before tell about the topic.
    """

    line_nats: NDArray[np.float64]
    stream_nats: float


def floors(grammar: Grammar, lines: Sequence[str], *, language: Language, persistence: float) -> Floors:
    """Compute both floors of a text.

    line_nats[t] = -ln sum_z pi(z) P(line t | z)
    stream_nats  = -ln P(line 1, ..., line N), by `stream_nats`

    Args:
        grammar: the grammar that the text was sampled from.
        lines: its lines in order, tokens between single spaces.
        language: which side of the grammar they are on.
        persistence: the probability with which the topic of a line is kept for the next one.
    Raises:
        InputError: if a line is not a sentence of the grammar, for then its probability is zero.
    """
    line_log_probs = log_probs(grammar, lines, language=language)
    mixed = np.logaddexp.reduce(line_log_probs + np.log(grammar.stationary), axis=1)
    total = stream_nats(line_log_probs, stationary=grammar.stationary, persistence=persistence)
    return Floors(line_nats=-mixed, stream_nats=total)


def log_probs(grammar: Grammar, lines: Sequence[str], *, language: Language) -> NDArray[np.float64]:
    """Compute ln P(line | z) of every line under every topic, float64, shape (N, K), natural logs.

    Each word's probabilities are divided by its largest one before they are multiplied, and the logarithms of those
    divisors are added in the end: the sum is the same, and lines of several hundred tokens do not underflow.

    Raises:
        InputError: if a line is not a sentence of the grammar.
        FloatingPointError: if a line's probability is too small for float64 in spite of the scaling.
    """
    projection = project(grammar, language)
    largest = _largest(projection)
    result = np.empty((len(lines), grammar.topics))
    for index, line in enumerate(lines):
        tokens = restore_case(projection, line.split(" "))
        scales = [] if tokens is None else [1.0 / largest[token] for token in tokens]
        total = None if tokens is None else Chart(projection, tokens, scales).total()
        if total is None:
            remedy = "score only text that was sampled from this grammar"
            raise InputError(f"line {index + 1}", expected="a sentence of the grammar", found=line, remedy=remedy)
        if not np.all(np.asarray(total) > 0.0):
            raise FloatingPointError(f"line {index + 1}: its probability underflows float64: {line}")
        result[index] = np.log(total) - np.sum(np.log(scales))
    return result


def _largest(projection: Projection) -> Mapping[str, float]:
    """Find the largest probability of every word, over preterminals and topics; 1 for a rule's own words."""
    largest = dict.fromkeys(projection.vocabulary, 0.0)
    for words in projection.words:
        for word, value in words.items():
            largest[word] = max(largest[word], float(np.max(value)))
    return {word: value or 1.0 for word, value in largest.items()}


def stream_nats(line_log_probs: NDArray[np.float64], *, stationary: NDArray[np.float64], persistence: float) -> float:
    """Compute -ln P(text) by the forward algorithm over lines.

    alpha_1(z) = pi(z) P(line 1 | z)
    alpha_t(z) = [rho alpha_{t-1}(z) + (1 - rho) pi(z) sum_y alpha_{t-1}(y)] P(line t | z)
    P(text) = sum_z alpha_N(z); alpha is normalised at every line and the logarithms of the sums are added.

    Args:
        line_log_probs: ln P(line t | z), shape (N, K), natural logs.
        stationary: pi, shape (K,).
        persistence: rho, in [0, 1].
    Returns:
        nats, zero for a text without lines.
    Source: Rabiner (1989), A tutorial on hidden Markov models, equations 19-21 and 91-92.
    """
    prior, nats = stationary, 0.0
    for log_prob in line_log_probs:
        peak = float(np.max(log_prob))
        joint = prior * np.exp(log_prob - peak)
        total = float(joint.sum())
        nats -= peak + float(np.log(total))
        prior = persistence * joint / total + (1.0 - persistence) * stationary
    return nats
