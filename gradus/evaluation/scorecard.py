"""All that is said of one model's scores of one text."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.arrays import read_array
from gradus.artifacts.json_files import read_json
from gradus.artifacts.seals import REMEDY
from gradus.errors import InputError
from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.evaluation.cross_entropy import Tally, measures, tally
from gradus.evaluation.floors import Context, Floors, above_floor, above_line_floor_interval, read_floors, refuse_leak


@dataclass(frozen=True)
class ScoredText:
    """What must be known of a text besides its scores."""

    name: str
    n_tokens: int
    starts: NDArray[np.int64]
    """Where every line starts, and the end of the last, (n_lines + 1,)."""
    characters: int | None
    """Code points, one newline a line; None where the text has UNK, which hides some."""
    floors: Floors | None
    """None where the source is unknown, or the text has UNK, which no source writes."""


def read_text(tokens: Path, raw: Path, split: str, starts: NDArray[np.int64]) -> ScoredText:
    """Read a text's counts from `manifest.json` and its floors from `source.json`.

    Raises:
        InputError: if a file is missing or broken.
    """
    counts = _read_counts(tokens / "manifest.json", split, (len(starts) - 1, int(starts[-1])))
    known = not counts["unk"]
    floors = _read_floors(raw, split, counts["lines"]) if known else None
    return ScoredText(split, counts["tokens"], starts, counts["characters"] if known else None, floors)


def _read_counts(path: Path, split: str, sizes: tuple[int, int]) -> dict[str, int]:
    """Return what a manifest counts of a text, whose lines and tokens are known."""
    splits = read_json(path).get("splits")
    counts = splits.get(split) if isinstance(splits, dict) else None
    keys = ("lines", "tokens", "characters", "unk")
    whole = isinstance(counts, dict) and all(type(counts.get(key)) is int and counts[key] >= 0 for key in keys)
    if counts is None or not whole or (counts["lines"], counts["tokens"]) != sizes or counts["characters"] < sizes[0]:
        expected = f"the counts of {split}: {sizes[0]} lines, {sizes[1]} tokens, their characters and UNK"
        raise InputError(path, expected=expected, found="others" if whole else "none", remedy=REMEDY)
    return {key: counts[key] for key in keys}


def _read_floors(raw: Path, split: str, n_lines: int) -> Floors | None:
    """Return the floors of a text; None where its source is unknown."""
    path, expected = raw / "source.json", f"the floors of {split}"
    about = read_json(path).get(split)
    if not isinstance(about, dict):
        raise InputError(path, expected=expected, found="none", remedy=REMEDY)
    if about.get("stream_floor_nats") is None:
        return None
    by_line = np.asarray(read_array(raw / f"{split}.floor.npy", np.float64))
    whole, stream = about.get("line_floor_nats"), about["stream_floor_nats"]
    numbers = isinstance(whole, int | float) and isinstance(stream, int | float) and min(whole, stream) >= 0
    sound = numbers and len(by_line) == n_lines and bool((by_line >= 0).all())
    if not sound or not math.isclose(by_line.sum(), whole or 0.0):
        raise InputError(path, expected=f"{expected}, those of its lines in sum", found="others", remedy=REMEDY)
    return read_floors(about, by_line)


def scorecard(name: str, nats: NDArray[np.float64], text: ScoredText, context: Context) -> dict[str, Any]:
    """Return the measures of a normalised model, and its distance to the floor of its context.

    Args:
        name: of the model, for messages.
        nats: -ln P of every token, (n_tokens,), infinite where P is zero.
        context: what the model reads before a token: its line, or the text from its beginning.
    Raises:
        RunError: if the model is so far below the stream floor that it must have a leak.
    """
    cost = tally(nats)
    card = measures(cost, text.characters)
    if text.floors is not None and not cost.zero_tokens:
        refuse_leak(f"{name} ({context})", cost.nll_nats, text.floors)
        card |= above_floor(cost.nll_nats, cost.n_tokens, text.floors.nats(context))
    return card


def unnormalised_card(cost: Tally) -> dict[str, Any]:
    """Return what may be said of scores that are no probabilities: no perplexity, and no floor under them."""
    card: dict[str, Any] = {"tokens": cost.n_tokens, "zero_tokens": cost.zero_tokens}
    return card if cost.zero_tokens else card | {"mean_score_nats": cost.nll_nats / cost.n_tokens}


def interval_card(
    nats: NDArray[np.float64], text: ScoredText, config: BootstrapConfig, *, seed: int
) -> dict[str, float]:
    """Return the interval of the distance per token to the line floor, where there is one and it is finite."""
    if text.floors is None or np.isinf(nats).any():
        return {}
    line_nats = np.add.reduceat(nats, text.starts[:-1])
    return above_line_floor_interval(line_nats, text.n_tokens, text.floors, config, seed=seed)


def floor_cards(text: ScoredText) -> dict[str, Any]:
    """Return what the source itself costs by context, as if it were a model; nothing where it is unknown."""
    if text.floors is None:
        return {}
    contexts: tuple[Context, ...] = ("line", "stream")
    return {
        context: measures(Tally(text.floors.nats(context), text.n_tokens, 0), text.characters) for context in contexts
    }
