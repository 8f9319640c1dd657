"""Format the table that `gradus score --by-line` prints. It has one row for each line of the scored text."""

import math

import numpy as np

from gradus.evaluation.cross_entropy import perplexity
from gradus.inference.scoring import ScoredBlock
from gradus.text.special import UNK_ID
from gradus.text.token_ids import line_starts

HEADING = "nats\ttokens\toov\tperplexity\tperplexity_without_oov\ttext"


def line_rows(block: ScoredBlock) -> list[str]:
    """Return one row for each line of a block. `HEADING` names the columns, and tabs separate them.

    If the scores are not probabilities, the columns with perplexities contain `-`.

    Raises:
        RunError: if a perplexity is larger than the largest float.
    """
    starts, known = line_starts(block.ids)[:-1], block.ids != UNK_ID
    costs = np.add.reduceat(block.nats, starts)
    known_costs = np.add.reduceat(np.where(known, block.nats, 0.0), starts)
    n_tokens = np.diff(line_starts(block.ids))
    # dtype: the sum of booleans would be a logical or.
    unknown = n_tokens - np.add.reduceat(known, starts, dtype=np.int64)
    columns = zip(costs.tolist(), known_costs.tolist(), n_tokens.tolist(), unknown.tolist(), strict=True)
    rows = []
    # strict=False: the text ends with a newline, so split returns an empty string after the last line.
    for (cost, known_cost, n, oov), line in zip(columns, block.text.split("\n"), strict=False):
        pairs = ((cost, n), (known_cost, n - oov))
        perplexities = [_perplexity(nats, count) if block.normalised else "-" for nats, count in pairs]
        rows.append("\t".join([f"{cost:.4f}", str(n), str(oov), *perplexities, line]))
    return rows


def format_number(value: float | int, decimals: int) -> str:
    """Format a float with `decimals` decimals, and an integer as it is. Floats from 10^15 use scientific notation."""
    if isinstance(value, int):
        return str(value)
    # A float has fifteen reliable digits; more digits before the decimal point would be noise.
    return f"{value:.{decimals}f}" if abs(value) < 1e15 else f"{value:.{decimals}e}"


def _perplexity(nats: float, n_tokens: int) -> str:
    """Return the perplexity of a line as text. A negative `nats` is a rounding error and counts as zero."""
    return "inf" if math.isinf(nats) else format_number(perplexity(max(0.0, nats) / n_tokens), 2)
