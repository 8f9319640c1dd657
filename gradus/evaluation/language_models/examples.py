"""Choose lines of the test text, and give the probability of each of their tokens under a model."""

import numpy as np
from numpy.typing import NDArray

from gradus.evaluation.language_models.text_score import ScoredText
from gradus.results.details import ScoredLine
from gradus.text.tokenizers.tokenizer import Tokenizer

EXAMPLES = 10
"""Maximum number of lines."""
LONGEST = 100
"""Maximum number of tokens of a line; a longer line is cut."""


def example_lines(nats: NDArray[np.float64], text: ScoredText, tokenizer: Tokenizer) -> list[ScoredLine]:
    """Return the first lines of median length, with the probability of each token.

    All models with the same tokenizer choose the same lines, so that they can be compared.

    Args:
        nats: negative log-probability of every token of the text, nats, shape (n_tokens,); infinite if the probability
            is zero.
        text: token ids and lines of the text.
        tokenizer: tokenizer of the text.
    """
    lengths = np.diff(text.starts)
    median = np.sort(lengths)[len(lengths) // 2]
    lines = np.flatnonzero(lengths == median)[:EXAMPLES]
    return [_line(nats, text, tokenizer, int(text.starts[line]), min(int(median), LONGEST)) for line in lines]


def _line(nats: NDArray[np.float64], text: ScoredText, tokenizer: Tokenizer, start: int, length: int) -> ScoredLine:
    ids, costs = (values[start : start + length] for values in (text.ids, nats))
    # Four digits, because the last digits of an exponential depend on the processor. Costs can be -1e-17.
    probabilities = [min(1.0, float(f"{value:.4g}")) for value in np.exp(-costs)]
    return ScoredLine(pieces=[tokenizer.pieces[token] for token in ids], probabilities=probabilities)
