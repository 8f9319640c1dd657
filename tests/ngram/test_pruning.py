"""Pruned models, without rare n-grams.

The text is the three lines `ab`, `ab`, `ac`; ^ is BOS and $ is EOS. Order 2: ^a 3, ab 2, ac 1, b$ 2, c$ 1.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ngram_cases import PREDICTABLE, SIZE, flat, letters, spelled

from gradus.artifacts.places import new_folder
from gradus.errors import InputError
from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.scoring.storage import MODELS, open_ngram
from gradus.ngram.smoothing.fit import fit, write_fit
from gradus.ngram.smoothing.kneser_ney import KneserNey
from gradus.ngram.smoothing.modified_kneser_ney import ModifiedKneserNey
from gradus.ngram.smoothing.smoothers import published_settings, read_smoother

TEXT = letters("ab/ab/ac")
TEXTS = st.lists(st.lists(st.integers(4, 7), max_size=7), min_size=1, max_size=12).map(flat)
PRUNES = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(sorted)
NO_TEXT = letters("")[:0]


def kneser_ney(text, order, prune):
    return fit(
        KneserNey(kind="kneser_ney", prune=prune), count_ngrams(text, order=order, vocabulary_size=SIZE), NO_TEXT
    )


def modified(text, order, prune):
    config = ModifiedKneserNey(kind="modified_kneser_ney", prune=prune)
    return fit(config, count_ngrams(text, order=order, vocabulary_size=SIZE), NO_TEXT)


# One discount of order 2: n1 = 2 (ac, c$), n2 = 2 (ab, b$), D = 2 / 6 = 1/3; ac and c$ are left out.
# Order 1, all n-grams: a 1 (^), b 1, c 1 (a), $ 2 (b, c), together 5; n1 = 3, n2 = 1, D = 3/5,
# gamma = 4 * 3/5 / 5 = 12/25, p1(w) = (a(w) - 3/5) / 5 + 12/25 / 7.
P1 = {"a": 0.4 / 5 + 12 / 175, "b": 0.4 / 5 + 12 / 175, "c": 0.4 / 5 + 12 / 175, "?": 12 / 175}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ab", (2 - 1 / 3) / 3 + (1 / 3 + 1) / 3 * P1["b"]),  # gamma(a): D of ab, and all of ac
        ("ac", (1 / 3 + 1) / 3 * P1["c"]),
        ("aa", (1 / 3 + 1) / 3 * P1["a"]),
        ("ca", P1["a"]),  # no continuation of c is kept
        ("a", (3 - 1 / 3) / 3 + (1 / 3) / 3 * P1["a"]),  # after ^
        ("?", (1 / 3) / 3 * P1["?"]),
    ],
)
def test_a_pruned_ngram_gives_its_whole_count_to_the_order_below(line, expected):
    model = kneser_ney(TEXT, 2, [0, 1]).model(2)
    assert [int(n) for n in np.diff(model.trie.firsts)] == [1, SIZE, 3]
    assert math.exp(model.log_probs(letters(line))[len(line) - 1]) == pytest.approx(expected, rel=1e-6)


def test_a_pruned_word_is_as_probable_as_an_unseen_one():
    # raw counts a 3, b 2, c 1, $ 3: n1 = 1, n2 = 1, D = 1/3; c is left out: gamma = (3 * 1/3 + 1) / 9 = 2/9
    model = kneser_ney(TEXT, 1, [1]).model(1)
    found = np.exp([model.log_probs(letters(word))[0] for word in "bc?"])
    assert found == pytest.approx([(2 - 1 / 3) / 9 + 2 / 9 / 7, 2 / 9 / 7, 2 / 9 / 7], rel=1e-6)


@settings(max_examples=150, deadline=None)
@given(
    fit_pruned=st.sampled_from([kneser_ney, modified]),
    text=TEXTS,
    prune=PRUNES,
    history=st.lists(st.sampled_from([1, 4, 5, 6, 7, 8]), max_size=4),
)
def test_pruned_distributions_sum_to_one(fit_pruned, text, prune, history):
    fitted = fit_pruned(text, 4, prune)
    for order in range(1, 5):
        model = fitted.model(order)
        scores = [model.log_probs(np.array([*history, word]))[-1] for word in PREDICTABLE]
        assert np.exp(scores).sum() == pytest.approx(1.0, abs=2e-6)  # logarithms are stored in float32


@settings(max_examples=100, deadline=None)
@given(text=TEXTS, prune=PRUNES)
def test_an_ngram_is_kept_if_it_occurs_more_often_than_the_threshold_of_its_order(text, prune):
    counts = count_ngrams(text, order=4, vocabulary_size=SIZE)
    trie = modified(text, 4, prune).model(4).trie
    kept = spelled(trie)
    thresholds = {n: prune[min(n, len(prune)) - 1] for n in range(1, 5)}
    expected = [
        ngram
        for ngram, count in zip(spelled(counts.trie), counts.counts.tolist(), strict=True)
        if len(ngram) < 2 or count > thresholds[len(ngram)]
    ]
    assert kept == expected
    assert [kept[node] for node in trie.suffixes] == [ngram[1:] for ngram in kept]


def test_an_unpruned_model_shares_the_trie_of_its_counts():
    whole, pruned = (modified(TEXT, 3, prune) for prune in ([0], [0, 0, 1]))
    for order in (1, 2, 3):
        assert np.shares_memory(whole.model(order).trie.words, whole.counts.trie.words)
        assert np.shares_memory(pruned.model(order).trie.words, pruned.model(3).trie.words)


def test_saved_models_of_all_orders_share_the_pruned_trie(tmp_path):
    fitted = modified(letters("abcab/abcb/ab/cab/aab"), 4, [0, 1])
    with new_folder(tmp_path / "model", MODELS) as part:
        write_fit(part, fitted, "sha")
    text = letters("abcabd/cab/abab")
    for order in (1, 2, 3, 4):
        opened = open_ngram(tmp_path / "model", order)
        assert opened.trie.firsts == fitted.model(4).trie.firsts[: order + 2]
        assert np.array_equal(opened.log_probs(text), fitted.model(order).log_probs(text))


def test_more_thresholds_than_orders_are_refused():
    with pytest.raises(InputError, match="prune: expected at most 2 thresholds, one per order, found 3"):
        modified(TEXT, 2, [0, 0, 1])


@pytest.mark.parametrize(
    ("prune", "message"),
    [
        ("[0, 2, 1]", "thresholds that do not decrease"),
        ("[-1]", "a number of at least 0"),
        ("[]", "at least one entry"),
        ("[0.5]", "a whole number"),
        ("1", "a list"),
    ],
)
@pytest.mark.parametrize("kind", [name for name, settings in published_settings().items() if "prune" in settings])
def test_wrong_thresholds_are_refused(tmp_path, kind, prune, message):
    params = tmp_path / "params.yaml"
    params.write_text(f"smooth_ngrams: {{mine: {{kind: {kind}, prune: {prune}}}}}")
    with pytest.raises(InputError, match=message) as error:
        read_smoother(params, "mine")
    assert f"{params}: smooth_ngrams.mine" in str(error.value) and "prune" in str(error.value)


def test_thresholds_have_no_default(tmp_path):
    (tmp_path / "params.yaml").write_text("smooth_ngrams: {mine: {kind: kneser_ney}}")
    with pytest.raises(InputError, match="smooth_ngrams.mine.prune: expected a value, found none"):
        read_smoother(tmp_path / "params.yaml", "mine")
