"""Score one text under one model, and compare the cross-entropy with the floor of the text.

The floor is the negative log-probability of the text under the true distribution that generated the text.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.arrays import read_array
from gradus.artifacts.seals import REMEDY
from gradus.corpora.source import Source
from gradus.errors import InputError
from gradus.evaluation.bootstrap import BootstrapConfig, mean_interval
from gradus.evaluation.cross_entropy import Tally, make_score, make_unnormalised_score, tally
from gradus.evaluation.language_models.floors import Floors, refuse_leak
from gradus.results.score import CONTEXTS, Context, Score
from gradus.text.manifest import Manifest, TextCounts
from gradus.text.token_ids import line_starts

Nats = Mapping[Context, NDArray[np.float64]]
"""Dict from context (`line` or `stream`) to the negative log-probability of every token, nats, shape (n_tokens,)."""


@dataclass(frozen=True)
class ScoredText:
    """A text to score: token ids, positions of the lines, number of characters, and floors.

    A floor is the negative log-probability of the text under the true distribution that generated the text.
    """

    name: str
    """Name of the split, such as `test`."""
    ids: NDArray[Any]
    """Token ids, EOS after every line, shape (n_tokens,)."""
    starts: NDArray[np.int64]
    """First position of every line, and the end of the last line, shape (n_lines + 1,)."""
    characters: int | None
    """Number of code points, including one newline per line. None if the text has unknown words, because a model does
    not predict their characters."""
    floors: Floors | None
    """Floors of the text. None if the true distribution is unknown. Also None if the text has unknown words, because
    the true distribution never generates unknown words."""


def read_scored_text(manifest: Manifest, source: Source, split: str, ids: NDArray[Any]) -> ScoredText:
    """Combine the token ids of a text with its counts and its floors.

    The counts come from `manifest.json`. The floors come from `source.json`. A floor is the negative
    log-probability of the text under the true distribution that generated the text.

    Args:
        manifest: manifest of the token ids.
        source: description of the corpus.
        split: name of the text, `valid` or `test`.
        ids: token ids of the text.
    Raises:
        InputError: if the counts or the floors are missing, broken, or about another text.
    """
    starts = line_starts(ids)
    counts = _matching_counts(manifest, split, (len(starts) - 1, int(starts[-1])))
    known = not counts.unk
    floors = _read_floors(source, split, counts.lines) if known else None
    return ScoredText(split, ids, starts, counts.characters if known else None, floors)


def _matching_counts(manifest: Manifest, split: str, sizes: tuple[int, int]) -> TextCounts:
    """Return the numbers of lines, tokens and characters of a text, as recorded in the manifest.

    Raises:
        InputError: if the numbers of lines and tokens are not `sizes`, or the text has fewer characters than lines.
    """
    counts = manifest.counts_of(split)
    if (counts.lines, counts.tokens) != sizes or counts.characters < counts.lines:
        expected = f"the counts of {split}: {sizes[0]} lines, {sizes[1]} tokens, and at least one character per line"
        found = f"{counts.lines} lines, {counts.tokens} tokens, {counts.characters} characters"
        raise InputError(manifest.path, expected=expected, found=found, remedy=REMEDY)
    return counts


def _read_floors(source: Source, split: str, n_lines: int) -> Floors | None:
    """Return the floors of a text; None if the floors are unknown.

    A floor is the negative log-probability of the text under the true distribution that generated the text.
    """
    known = source.floors_of(split)
    whole, stream = known.line_floor_nats, known.stream_floor_nats
    if whole is None or stream is None:
        return None
    by_line = np.asarray(read_array(source.path.parent / f"{split}.floor.npy", np.float64))
    sound = len(by_line) == n_lines and bool((by_line >= 0).all())
    # The stage that made the corpus added the floors in another order, so the last digits may differ.
    if not sound or not math.isclose(by_line.sum(), whole):
        expected = f"a floor of the text {split} that is equal to the sum of the floors of all lines"
        raise InputError(source.path, expected=expected, found="another sum", remedy=REMEDY)
    return Floors(whole, stream, by_line)


def score_text(name: str, nats: NDArray[np.float64], text: ScoredText, context: Context) -> Score:
    """Score a text under a model whose scores are probabilities.

    Args:
        name: name of the model, for messages.
        nats: negative log-probability of every token, nats, shape (n_tokens,); infinite if the probability is zero.
        text: token ids, counts and floors of the text.
        context: context that the model read before each token.
    Raises:
        RunError: if the model must have seen the text, because its cost is far below the stream floor. The stream floor
            is the cost of the text under the true distribution that generated the text.
    """
    cost = tally(nats)
    score = make_score(cost, text.characters)
    # An infinite cross-entropy has no distance to the floor.
    if text.floors is None or cost.zero_tokens:
        return score
    refuse_leak(f"{name} ({context})", cost.nll_nats, text.floors)
    gap = cost.nll_nats - text.floors.nats(context)
    return replace(score, above_floor_nats=gap, above_floor_nats_per_token=gap / cost.n_tokens)


def score_contexts(name: str, nats: Nats, text: ScoredText) -> dict[Context, Score]:
    """Call `score_text` for every context in `nats`; return a dict from context (`line` or `stream`) to score."""
    return {context: score_text(name, values, text, context) for context, values in nats.items()}


def score_lines(name: str, nats: NDArray[np.float64], text: ScoredText, *, normalised: bool) -> Score:
    """Score a text under a model that reads every line without the earlier lines.

    Args:
        name: name of the model, for messages.
        nats: negative log score of every token, nats, shape (n_tokens,).
        text: token ids, counts and floors of the text.
        normalised: whether the scores are probabilities. If they are not, the result has no perplexity.
    """
    # Scores that are no probabilities may sum to more than 1, so a score below the floor is no sign of a leak.
    return score_text(name, nats, text, "line") if normalised else make_unnormalised_score(tally(nats))


def with_interval(
    scores: Mapping[Context, Score], nats: Nats, text: ScoredText, config: BootstrapConfig, seed: int
) -> dict[Context, Score]:
    """Add the bootstrap interval of `above_floor_nats_per_token` to the score in the context `line`.

    The bootstrap resamples blocks of neighbouring lines, because such lines share a topic and their scores are
    correlated. A score without `above_floor_nats_per_token` stays unchanged.

    Args:
        scores: dict from context (`line` or `stream`) to the score of the text.
        nats: negative log-probabilities from which `scores` were computed.
        text: token ids, counts and floors of the text.
        config: settings of the bootstrap.
        seed: seed of the bootstrap.
    """
    score = scores["line"]
    if text.floors is None or score.above_floor_nats is None:
        return dict(scores)
    line_nats = np.add.reduceat(nats["line"], text.starts[:-1])
    low, high = mean_interval(line_nats - text.floors.by_line, config, seed=seed)
    # The interval is per line; the score is per token.
    lines_per_token = len(line_nats) / len(text.ids)
    low, high = low * lines_per_token, high * lines_per_token
    return {**scores, "line": replace(score, above_floor_low=low, above_floor_high=high)}


def floor_scores(text: ScoredText) -> dict[Context, Score]:
    """Score a text under the true distribution that generated the text.

    Returns:
        Dict from context (`line` or `stream`) to the score; empty if the true distribution is unknown.
    """
    if text.floors is None:
        return {}
    costs = {context: Tally(text.floors.nats(context), len(text.ids), 0) for context in CONTEXTS}
    return {context: make_score(cost, text.characters) for context, cost in costs.items()}
