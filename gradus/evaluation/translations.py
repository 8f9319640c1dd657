"""Translations beside their references: by source length, exact matches, tokens in place."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradus.evaluation.bleu import bleu

LENGTHS = {"1-10": (1, 10), "11-20": (11, 20), "21-30": (21, 30), "31+": (31, None)}
"""Source lengths in words, first and last, by the name of the group."""


def by_source_length(
    sources: Sequence[str], hypotheses: Sequence[str], references: Sequence[str], *, min_pairs: int
) -> dict[str, dict[str, Any]]:
    """Return the pairs, and BLEU from `min_pairs` pairs on, of every group of source lengths.

    A word is what white space separates in the source text, so groups do not depend on the tokenizer.
    """
    words = np.array([len(source.split()) for source in sources])
    groups: dict[str, dict[str, Any]] = {}
    for name, (first, last) in LENGTHS.items():
        rows = np.flatnonzero((words >= first) & ((last is None) | (words <= (last or 0)))).tolist()
        groups[name] = {"pairs": len(rows)}
        if len(rows) >= min_pairs:
            groups[name]["bleu"], _ = bleu([hypotheses[row] for row in rows], [references[row] for row in rows])
    return groups


def exact_share(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Return the share of hypotheses that equal their reference."""
    return sum(h == r for h, r in zip(hypotheses, references, strict=True)) / len(references)


def length_ratio(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Return the words of all hypotheses, divided by those of all references."""
    return sum(len(h.split()) for h in hypotheses) / sum(len(r.split()) for r in references)


def token_accuracy(hypotheses: Sequence[Sequence[int]], references: Sequence[Sequence[int]]) -> float:
    """Return the share of reference tokens, EOS included, that the hypothesis has at the same position.

    Beside the same share under teacher forcing it shows the exposure bias: there a mistake costs one token,
    here it may shift or change all that follow.
    """
    right = sum(h == r for pair in zip(hypotheses, references, strict=True) for h, r in zip(*pair, strict=False))
    return right / sum(map(len, references))
