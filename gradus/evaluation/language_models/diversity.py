"""Compute the diversity of texts: the share of n-grams that occur for the first time in their text."""

from collections.abc import Sequence
from typing import TypedDict


class Diversity(TypedDict):
    """Measures of the diversity of several texts; each value is a share in [0, 1]."""

    distinct_1: float
    distinct_2: float
    distinct_3: float
    distinct_4: float
    repeated_4grams: float


def distinct_share(texts: Sequence[Sequence[int]], n: int) -> float:
    """Compute distinct-n: the number of distinct n-grams in each text, divided by the number of all n-grams.

    distinct_n = sum over texts of |set of n-grams| / sum over texts of |n-grams|

    An n-gram that occurs in two texts counts as distinct in both. So the result for one text is comparable with the
    result for many texts of the same length.

    Args:
        texts: token ids of each text. EOS counts like any other token.
        n: length of an n-gram, in tokens.
    Returns:
        A share in [0, 1]; 0 if no text has n tokens.
    Source: Li et al. (2016), A Diversity-Promoting Objective Function, define distinct-n over all texts together;
        Welleck et al. (2020), Neural Text Generation with Unlikelihood Training, measure repetition within one text.
    """
    different = total = 0
    for text in texts:
        # `zip` stops at the end of the shortest shifted copy. The last n-gram also ends there.
        ngrams = list(zip(*(text[start:] for start in range(n)), strict=False))
        different += len(set(ngrams))
        total += len(ngrams)
    return different / total if total else 0.0


def diversity(texts: Sequence[Sequence[int]]) -> Diversity:
    """Compute distinct-1 to distinct-4, and the share of repeated 4-grams, which is 1 - distinct-4."""
    distinct_4 = distinct_share(texts, 4)
    return Diversity(
        distinct_1=distinct_share(texts, 1),
        distinct_2=distinct_share(texts, 2),
        distinct_3=distinct_share(texts, 3),
        distinct_4=distinct_4,
        repeated_4grams=1.0 - distinct_4,
    )
