"""Modified Kneser-Ney against KenLM: ARPA files and discounts of `lmplz`, perplexities of `query`.

White space separates words; the vocabulary is all words of the training text.
"""

import gzip
import math
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ngram_cases import SIZE, flat, letters, rows_with_bos, spelled

from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.scoring.lookup import back_off_scores, match
from gradus.ngram.smoothing.kneser_ney import fit_kneser_ney
from gradus.ngram.smoothing.lmplz import last_ngrams
from gradus.text.special import BOS_ID, EOS_ID, SPECIAL, UNK_ID

CORPORA = Path(os.environ.get("GRADUS_CORPORA", "nowhere"))

TEXT = letters("baaaa/e/c/a/a/ad/ad/aaa/aa/cc/c")
"""Eleven lines for lmplz: `b a a a a`, `e`, `c` and so on."""

DISCOUNTS = ((0.333333, 1.5, 1.66667), (0.5, 1.0, 3.0), (0.333333, 1.6, 3.0))
"""Discounts of lmplz for `TEXT` with -o 3 and any --prune."""

WHOLE = """
-1.1583625	<unk>	0
-0.5785789	</s>	0
-0.90309	b	-0.30103
-0.7433891	a	-0.12493875
-0.90309	e	-0.30103
-0.9542425	c	-0.30103
-0.90309	d	-0.30103
-0.43820316	a </s>	0
-0.19932112	e </s>	0
-0.33228767	c </s>	0
-0.19932112	d </s>	0
-0.90309	<s> b	-0.4771213
-0.41158682	<s> a	-0.09691001
-0.22894356	b a	-0.4771213
-0.8683279	a a	0
-0.90309	<s> e	-0.4771213
-1.1505371	<s> c	-0.19081451
-0.6532125	c c	-0.4771213
-0.7518223	a d	-0.09691001
-0.44571277	<s> a </s>
-0.43820316	a a </s>
-0.05684454	<s> e </s>
-0.36333257	<s> c </s>
-0.08525538	c c </s>
-0.15146878	a d </s>
-0.06377489	<s> b a
-0.756962	<s> a a
-0.14763862	b a a
-0.8683279	a a a
-0.4371933	<s> c c
-0.6812412	<s> a d
"""
"""lmplz -o 3, without the row of <s>, which is never predicted and has the back-off -0.19629467."""

PRUNED = """
-1.1583625	<unk>	0
-0.5785789	</s>	0
-0.90309	b	0
-0.7433891	a	-0.12493875
-0.90309	e	0
-0.9542425	c	-0.17609124
-0.90309	d	-0.30103
-0.43820316	a </s>	0
-0.29306105	c </s>	0
-0.19932112	d </s>	0
-0.39357522	<s> a	-0.09691001
-0.8683279	a a	0
-1.0925453	<s> c	-0.062147934
-0.7518223	a d	-0.09691001
-0.44571277	<s> a </s>
-0.43820316	a a </s>
-0.24056534	<s> c </s>
-0.15146878	a d </s>
-0.756962	<s> a a
-0.8683279	a a a
-0.6812412	<s> a d
"""
"""lmplz -o 3 --prune 0 1, without the row of <s>, whose back-off is -0.13830268."""


def rows_of_arpa(text):
    """Return log10 p and log10 weight of every n-gram, with its words as ids."""
    names = {"<unk>": UNK_ID, "<s>": BOS_ID, "</s>": EOS_ID} | {letter: 4 + i for i, letter in enumerate("abcde")}
    rows = (line.split("\t") for line in text.strip().split("\n"))
    return {tuple(names[w] for w in words.split()): (float(p), float(*rest or [0])) for p, words, *rest in rows}


@pytest.mark.parametrize(
    ("prune", "arpa", "after_bos"), [([0], WHOLE, -0.19629467), ([0, 1], PRUNED, -0.13830268)], ids=["whole", "pruned"]
)
def test_every_probability_and_back_off_weight_equals_that_of_lmplz(prune, arpa, after_bos):
    counts = count_ngrams(TEXT, order=3, vocabulary_size=SIZE)
    model = fit_kneser_ney(counts, [3], 3, prune, last_ngrams(counts, TEXT))[3]
    logs = [table / math.log(10) for table in (model.tables.log_probs, model.tables.backoff)]
    weights = np.concatenate([logs[1], np.zeros(len(logs[0]) - len(logs[1]))])
    ours = dict(zip(spelled(model.trie), zip(logs[0], weights, strict=True), strict=True))
    assert ours[(BOS_ID,)][1] == pytest.approx(after_bos, abs=1e-6)
    theirs = rows_of_arpa(arpa)
    assert ours.keys() - theirs.keys() == {(), (0,), (BOS_ID,)}  # the root; PAD and BOS are never predicted
    assert {words: ours[words] for words in theirs} == {
        words: pytest.approx(pair, abs=1e-6) for words, pair in theirs.items()
    }
    assert [pytest.approx(found.fitted.discounts, rel=1e-5) for found in model.reports] == list(DISCOUNTS)


def test_the_ngram_that_lmplz_sorts_last_changes_a_discount():
    # d, whose first occurrence is the last, follows only a, twice; so does `ad`, always at the start of a line:
    # ^ad is the last of order 3, and no word precedes it
    counts = count_ngrams(TEXT, order=3, vocabulary_size=SIZE)
    assert last_ngrams(counts, TEXT) == {1: (1, 2), 2: (1, 2)}
    # order 1 counts left neighbours: b 1 (^), a 3 (^, b, a), e 1, c 2 (^, c), d 1, $ 4 (a, e, c, d):
    # n1 = 3, n2 = 1, n3 = 1, n4 = 1, so Y = 3/5; with d among the counts of 2, n1 = 2, n2 = 2, and Y = 2/6
    plain, moved = (
        fit_kneser_ney(counts, [3], 3, [0], recounts)[3].reports[0] for recounts in (None, last_ngrams(counts, TEXT))
    )
    assert moved.fitted.discounts == pytest.approx([1 / 3, 2 - 3 * 1 / 3 * 1 / 2, 3 - 4 * 1 / 3 * 1 / 1])
    assert plain.fitted.discounts == pytest.approx([3 / 5, 2 - 3 * 3 / 5 * 1 / 1, 3 - 4 * 3 / 5 * 1 / 1])
    assert plain.warnings == ()


@settings(max_examples=100, deadline=None)
@given(text=st.lists(st.lists(st.integers(4, 7), max_size=6), min_size=1, max_size=8).map(flat))
def test_the_last_ngrams_are_the_greatest_when_compared_from_their_last_word(text):
    words = [word for word in dict.fromkeys(text.tolist()) if word != EOS_ID]
    numbers = {word: number for number, word in enumerate([BOS_ID, EOS_ID, *words])}
    rows = rows_with_bos(text)
    expected = {}
    for n in range(1, 4):
        found = [row[i : i + n] for row in rows for i in range(len(row) - n + 1) if row[i : i + n] != (BOS_ID,)]
        greatest = max(found, key=lambda ngram: [numbers[word] for word in reversed(ngram)])
        if greatest[0] == BOS_ID:
            break
        before = {row[i - 1] for row in rows for i in range(1, len(row)) if row[i : i + n] == greatest}
        expected[n] = len(before), found.count(greatest)
    assert last_ngrams(count_ngrams(text, order=4, vocabulary_size=SIZE), text) == expected


def read_lines(path):
    if not path.exists():
        pytest.skip(f"{path.name} is not in GRADUS_CORPORA")
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [line.split() for line in data.decode().removesuffix("\n").split("\n")]


@cache
def encoded(train, test):
    """Return the ids of two texts, and the number of ids."""
    counted, scored = (read_lines(CORPORA / name) for name in (train, test))
    ids = {piece: i for i, piece in enumerate(SPECIAL)}
    for line in counted:
        for word in line:
            ids.setdefault(word, len(ids))
    text, unseen = (
        np.array([i for line in lines for i in (*(ids.get(word, UNK_ID) for word in line), EOS_ID)])
        for lines in (counted, scored)
    )
    return text, unseen, len(ids)


def perplexity_of(fitted, ids):
    found = match(fitted.trie, ids)
    return np.exp(-back_off_scores(fitted.trie, fitted.tables, ids, found).mean())


@pytest.mark.corpora
def test_perplexities_of_the_penn_treebank_are_those_of_kenlm():
    text, unseen, size = encoded("ptb/ptb.train.txt", "ptb/ptb.test.txt")
    models = fit_kneser_ney(count_ngrams(text, order=5, vocabulary_size=size), range(2, 6), 3, [0])
    # KenLM read the <unk> of the text as an ordinary word beside its own <unk>: one type more changes the last digits
    for order, perplexity in {2: 185.705, 3: 148.281, 4: 142.716, 5: 141.186}.items():
        assert perplexity_of(models[order], unseen) == pytest.approx(perplexity, rel=1e-5)


MULTI30K_LOWER = [
    (0.647469, 0.993395, 1.41754),
    (0.775763, 1.08366, 1.45243),
    (0.855568, 1.14994, 1.39301),
    (0.917372, 1.21661, 1.40371),
]
"""Discounts of the shorter orders of a model."""

MULTI30K_LONGEST = {
    2: (0.75314, 1.06665, 1.29184),
    3: (0.831956, 1.08247, 1.31906),
    4: (0.895564, 1.14203, 1.37476),
    5: (0.939384, 1.23715, 1.38245),
}


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("prune", "perplexities", "stored"),
    [
        (
            [0],
            {2: 64.17697050839406, 3: 53.95324559657281, 4: 52.54276777609731, 5: 52.64773803321498},
            [15459, 90000, 178227, 233847, 252124],
        ),
        ([0, 0, 1], {5: 53.956228057620784}, [15459, 90000, 30841, 22193, 12473]),
        ([0, 1], {3: 59.36988631534137}, [15459, 25968, 30841]),
        ([0, 1, 1, 2], {5: 58.443162680802445}, [15459, 25968, 30841, 9852, 4741]),
    ],
    ids=["whole", "0 0 1", "0 1", "0 1 1 2"],
)
def test_discounts_sizes_and_perplexities_of_multi30k_are_those_of_kenlm(prune, perplexities, stored):
    text, unseen, size = encoded("multi30k/train.en.gz", "multi30k/test_2016_flickr.en.gz")
    counts = count_ngrams(text, order=max(perplexities), vocabulary_size=size)
    models = fit_kneser_ney(counts, perplexities, 3, prune, last_ngrams(counts, text))
    sizes = np.diff(models[max(models)].trie.firsts[1:])
    assert [sizes[0] - 1, *sizes[1:]] == stored  # lmplz has no PAD
    for order, perplexity in perplexities.items():
        assert perplexity_of(models[order], unseen) == pytest.approx(perplexity, rel=1e-6)
        printed = [[float(f"{d:.6g}") for d in found.fitted.discounts] for found in models[order].reports]
        assert printed == [list(ds) for ds in (*MULTI30K_LOWER[: order - 1], MULTI30K_LONGEST[order])]
