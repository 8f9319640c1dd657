"""Texts and smoothers that the n-gram tests share."""

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.smoothing.absolute_discounting import AbsoluteDiscountingConfig
from gradus.ngram.smoothing.additive import AdditiveConfig
from gradus.ngram.smoothing.jelinek_mercer import JelinekMercerConfig
from gradus.ngram.smoothing.katz import KatzConfig
from gradus.ngram.smoothing.kneser_ney import KneserNeyConfig, ModifiedKneserNeyConfig
from gradus.ngram.smoothing.maximum_likelihood import MaximumLikelihoodConfig, StupidBackoffConfig
from gradus.ngram.smoothing.smoothers import Fit, Smoother, fit
from gradus.ngram.smoothing.witten_bell import WittenBellConfig
from gradus.ngram.trie import Trie
from gradus.text.special import BOS_ID, EOS_ID

SMOOTHERS: dict[str, Smoother] = {
    "mle": MaximumLikelihoodConfig(kind="mle"),
    "laplace": AdditiveConfig(kind="additive", k=1.0),
    "add_k": AdditiveConfig(kind="additive", k=0.05),
    "fitted_k": AdditiveConfig(kind="additive", k="fitted"),
    "stupid_backoff": StupidBackoffConfig(kind="stupid_backoff", factor=0.4),
    "katz": KatzConfig(kind="katz", threshold=5),
    "katz_low": KatzConfig(kind="katz", threshold=1),
    "jelinek_mercer": JelinekMercerConfig(kind="jelinek_mercer", bucket_tokens=3, tolerance=1e-6, iterations=200),
    "witten_bell": WittenBellConfig(kind="witten_bell"),
    "absolute_discounting": AbsoluteDiscountingConfig(kind="absolute_discounting"),
    "kneser_ney": KneserNeyConfig(kind="kneser_ney", prune=[0]),
    "modified_kneser_ney": ModifiedKneserNeyConfig(kind="modified_kneser_ney", prune=[0]),
    "pruned": ModifiedKneserNeyConfig(kind="modified_kneser_ney", prune=[1]),
}
"""One configuration of every smoother."""

SIZE = 9
"""Ids of a small vocabulary: PAD, UNK, BOS, EOS and the words a to e, 4 to 8."""

PREDICTABLE = [1, 3, 4, 5, 6, 7, 8]
"""All but PAD and BOS."""


def flat(lines: list[list[int]]) -> NDArray[np.int64]:
    """Join lines of ids, EOS after each."""
    return np.array([i for line in lines for i in (*line, EOS_ID)], dtype=np.int64)


def letters(text: str) -> NDArray[np.int64]:
    """Encode lines divided by `/` whose words are letters: a is 4, b is 5; `?` is UNK."""
    return flat([[1 if c == "?" else ord(c) - ord("a") + 4 for c in line] for line in text.split("/")])


def fitted(name: str, text: NDArray[np.int64], order: int) -> Fit:
    """Fit one of `SMOOTHERS` to a small text; the validation text has seen and unseen words."""
    return fit(SMOOTHERS[name], count_ngrams(text, order=order, vocabulary_size=SIZE), letters("ab/eac/abba"))


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
    """Spell every node as a tuple of words, by its history."""
    texts: list[tuple[int, ...]] = [()]
    for node in range(trie.firsts[-2]):
        texts += [(*texts[node], int(word)) for word in trie.words[trie.begins[node] : trie.begins[node + 1]]]
    return texts
