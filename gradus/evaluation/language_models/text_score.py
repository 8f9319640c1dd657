"""Score of one text under one model, with its distance to the floor of the text's source."""

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
"""Negative log-probability of every token of a text, by context, (n_tokens,)."""


@dataclass(frozen=True)
class ScoredText:
    """A text to score, with the facts that its scores need."""

    name: str
    ids: NDArray[Any]
    """Token ids, EOS after every line, (n_tokens,)."""
    starts: NDArray[np.int64]
    """First position of every line, and the end of the last line, (n_lines + 1,)."""
    characters: int | None
    """Code points, one newline per line; None if the text has unknown words, whose characters the model never sees."""
    floors: Floors | None
    """None if the source is unknown, or if the text has unknown words, which no source writes."""


def read_scored_text(manifest: Manifest, source: Source, split: str, ids: NDArray[Any]) -> ScoredText:
    """Combine the token ids of a text with its counts in `manifest.json` and its floors in `source.json`.

    Raises:
        InputError: if the counts or the floors are missing, broken, or about another text.
    """
    starts = line_starts(ids)
    counts = _matching_counts(manifest, split, (len(starts) - 1, int(starts[-1])))
    known = not counts.unk
    floors = _read_floors(source, split, counts.lines) if known else None
    return ScoredText(split, ids, starts, counts.characters if known else None, floors)


def _matching_counts(manifest: Manifest, split: str, sizes: tuple[int, int]) -> TextCounts:
    """Return the counts of a text; refuse counts that contradict its numbers of lines and tokens."""
    counts = manifest.counts_of(split)
    if (counts.lines, counts.tokens) != sizes or counts.characters < counts.lines:
        expected = f"the counts of {split}: {sizes[0]} lines, {sizes[1]} tokens, and a character for every line"
        found = f"{counts.lines} lines, {counts.tokens} tokens, {counts.characters} characters"
        raise InputError(manifest.path, expected=expected, found=found, remedy=REMEDY)
    return counts


def _read_floors(source: Source, split: str, n_lines: int) -> Floors | None:
    """Return the floors of a text; None if its source is unknown."""
    known = source.floors_of(split)
    whole, stream = known.line_floor_nats, known.stream_floor_nats
    if whole is None or stream is None:
        return None
    by_line = np.asarray(read_array(source.path.parent / f"{split}.floor.npy", np.float64))
    sound = len(by_line) == n_lines and bool((by_line >= 0).all())
    # The corpus adds up the same floors in another order, so the last digits may differ.
    if not sound or not math.isclose(by_line.sum(), whole):
        expected = f"the floors of {split}, equal to the sum of the floors of its lines"
        raise InputError(source.path, expected=expected, found="another sum", remedy=REMEDY)
    return Floors(whole, stream, by_line)


def score_text(name: str, nats: NDArray[np.float64], text: ScoredText, context: Context) -> Score:
    """Score a text under a probability distribution.

    Args:
        name: of the model, for messages.
        nats: negative log-probability of every token, (n_tokens,), infinite where the probability is zero.
        context: the text that the model reads before a token.
    Raises:
        RunError: if the model is so far below the stream floor that it must have seen the text.
    """
    cost = tally(nats)
    score = make_score(cost, text.characters)
    if text.floors is None or cost.zero_tokens:
        return score
    refuse_leak(f"{name} ({context})", cost.nll_nats, text.floors)
    gap = cost.nll_nats - text.floors.nats(context)
    return replace(score, above_floor_nats=gap, above_floor_nats_per_token=gap / cost.n_tokens)


def score_contexts(name: str, nats: Nats, text: ScoredText) -> dict[Context, Score]:
    """Score a text in every context that `nats` has, as `score_text` does."""
    return {context: score_text(name, values, text, context) for context, values in nats.items()}


def score_lines(name: str, nats: NDArray[np.float64], text: ScoredText, *, normalised: bool) -> Score:
    """Score a text line by line.

    Args:
        name: of the model, for messages.
        nats: negative log score of every token, (n_tokens,).
        normalised: whether the scores are probabilities. Scores that are not may sum to more than one, and so be
            below the floor without a leak.
    """
    return score_text(name, nats, text, "line") if normalised else make_unnormalised_score(tally(nats))


def with_interval(
    scores: Mapping[Context, Score], nats: Nats, text: ScoredText, config: BootstrapConfig, seed: int
) -> dict[Context, Score]:
    """Add the bootstrap interval of the distance to the line floor to the score in the context `line`.

    A score without that distance stays as it is. Neighbouring lines share a topic, so they are easy or hard together;
    blocks of lines keep this correlation.

    Args:
        scores: of the text, by context.
        nats: negative log-probabilities behind these scores.
        config: settings of the bootstrap.
        seed: of the bootstrap.
    """
    score = scores["line"]
    if text.floors is None or score.above_floor_nats is None:
        return dict(scores)
    line_nats = np.add.reduceat(nats["line"], text.starts[:-1])
    low, high = mean_interval(line_nats - text.floors.by_line, config, seed=seed)
    lines_per_token = len(line_nats) / len(text.ids)
    low, high = low * lines_per_token, high * lines_per_token
    return {**scores, "line": replace(score, above_floor_low=low, above_floor_high=high)}


def floor_scores(text: ScoredText) -> dict[Context, Score]:
    """Score a text under its own source, by context; return no score if the source is unknown."""
    if text.floors is None:
        return {}
    costs = {context: Tally(text.floors.nats(context), len(text.ids), 0) for context in CONTEXTS}
    return {context: make_score(cost, text.characters) for context, cost in costs.items()}
