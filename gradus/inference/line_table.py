"""Table of the lines of a scored text, as `gradus score --by-line` prints it."""

import math

import numpy as np

from gradus.evaluation.cross_entropy import perplexity
from gradus.inference.scoring import ScoredBlock
from gradus.text.special import UNK_ID
from gradus.text.token_ids import line_starts

HEADING = "nats\ttokens\toov\tperplexity\tperplexity_without_oov\ttext"


def line_rows(block: ScoredBlock, normalised: bool) -> list[str]:
    """Return one row per line, with tabs between the columns of `HEADING`.

    Args:
        normalised: whether the scores are probabilities; if not, the perplexities are `-`.
    Raises:
        RunError: as `gradus.evaluation.cross_entropy.perplexity`.
    """
    starts, known = line_starts(block.ids)[:-1], block.ids != UNK_ID
    costs = np.add.reduceat(block.nats, starts)
    known_costs = np.add.reduceat(np.where(known, block.nats, 0.0), starts)
    n_tokens = np.diff(line_starts(block.ids))
    unknown = n_tokens - np.add.reduceat(known, starts, dtype=np.int64)
    columns = zip(costs.tolist(), known_costs.tolist(), n_tokens.tolist(), unknown.tolist(), strict=True)
    rows = []
    for (cost, known_cost, n, oov), line in zip(columns, block.text.split("\n"), strict=False):
        pairs = ((cost, n), (known_cost, n - oov))
        perplexities = [_perplexity(nats, count) if normalised else "-" for nats, count in pairs]
        rows.append("\t".join([f"{cost:.4f}", str(n), str(oov), *perplexities, line]))
    return rows


def format_number(value: float | int, decimals: int) -> str:
    """Return a number with some decimals, or as a power of ten if it has more than fifteen digits."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.{decimals}f}" if abs(value) < 1e15 else f"{value:.{decimals}e}"


def _perplexity(nats: float, n_tokens: int) -> str:
    """Return the perplexity of a line as text. A cost below zero is rounding, see `tally`."""
    return "inf" if math.isinf(nats) else format_number(perplexity(max(0.0, nats) / n_tokens), 2)
