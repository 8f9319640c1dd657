"""How much a text repeats itself."""

from collections.abc import Sequence


def distinct_share(texts: Sequence[Sequence[int]], n: int) -> float:
    """Return the share of n-grams that stand for the first time in their text.

    distinct_n = sum over texts of |set of n-grams| / sum over texts of |n-grams|

    Within each text, so that one text and many of the same length compare. 1 - distinct_4 is the share of
    repeated 4-grams.

    Args:
        texts: token ids; EOS is a token like any other.
        n: length of an n-gram.
    Returns:
        A share in [0, 1]; 0 where no text has n tokens.
    Source: Li et al. (2016), A Diversity-Promoting Objective Function, for distinct-n (there over all
        texts together); Welleck et al. (2020), Neural Text Generation with Unlikelihood Training, for
        repetition within a text.
    """
    different = total = 0
    for text in texts:
        ngrams = list(zip(*(text[start:] for start in range(n)), strict=False))
        different += len(set(ngrams))
        total += len(ngrams)
    return different / total if total else 0.0


def diversity(texts: Sequence[Sequence[int]]) -> dict[str, float]:
    """Return distinct-1 to distinct-4, and the share of repeated 4-grams."""
    distinct = {f"distinct_{n}": distinct_share(texts, n) for n in range(1, 5)}
    return distinct | {"repeated_4grams": 1.0 - distinct["distinct_4"]}
