"""Texts and smoothers that the n-gram tests share."""

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.smoothing.additive import Additive
from gradus.ngram.smoothing.fit import Fit, fit
from gradus.ngram.smoothing.jelinek_mercer import JelinekMercer
from gradus.ngram.smoothing.katz import Katz
from gradus.ngram.smoothing.modified_kneser_ney import ModifiedKneserNey
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.smoothing.smoothers import published_settings, published_smoother
from gradus.ngram.trie import Trie
from gradus.text.special import BOS_ID, EOS_ID

CASES: dict[str, Smoother] = {
    **{name: published_smoother(name, {}, "smoother") for name in published_settings()},
    "jelinek_mercer": JelinekMercer(kind="jelinek_mercer", bucket_tokens=3, tolerance=1e-6, iterations=200),
    "small_k": Additive(kind="additive", k=0.05),
    "katz_low": Katz(kind="katz", threshold=1),
    "pruned": ModifiedKneserNey(kind="modified_kneser_ney", prune=[1]),
}
"""Every smoother with its published settings (buckets are smaller, to suit a tiny text), and some other settings."""

DISTRIBUTIONS = sorted(name for name, smoother in CASES.items() if smoother.unseen_weight == 1)
"""The cases that are distributions after every history."""

SIZE = 9
"""Ids of a small vocabulary: PAD, UNK, BOS, EOS and the words a to e, 4 to 8."""

PREDICTABLE = [1, 3, 4, 5, 6, 7, 8]
"""All ids except PAD and BOS."""


def flat(lines: list[list[int]]) -> NDArray[np.int64]:
    """Join lines of ids, EOS after each."""
    return np.array([i for line in lines for i in (*line, EOS_ID)], dtype=np.int64)


def letters(text: str) -> NDArray[np.int64]:
    """Encode lines divided by `/` whose words are letters: a is 4, b is 5; `?` is UNK."""
    return flat([[1 if c == "?" else ord(c) - ord("a") + 4 for c in line] for line in text.split("/")])


def fitted(name: str, text: NDArray[np.int64], order: int) -> Fit:
    """Fit one of `CASES` to a small text; the validation text has seen and unseen words."""
    return fit(CASES[name], count_ngrams(text, order=order, vocabulary_size=SIZE), letters("ab/eac/abba"))


def rows_with_bos(text: NDArray[np.int64]) -> list[tuple[int, ...]]:
    """Return the lines of a text as tuples with BOS and EOS."""
    rows, row = [], [BOS_ID]
    for token in text.tolist():
        row.append(token)
        if token == EOS_ID:
            rows.append(tuple(row))
            row = [BOS_ID]
    return rows


def spelled(trie: Trie) -> list[tuple[int, ...]]:
    """Return every node as a tuple of words, built from its history."""
    texts: list[tuple[int, ...]] = [()]
    for node in range(trie.firsts[-2]):
        texts += [(*texts[node], int(word)) for word in trie.words[trie.begins[node] : trie.begins[node + 1]]]
    return texts
