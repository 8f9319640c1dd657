"""ARPA files as KenLM reads them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ngram_cases import SMOOTHERS, fitted, flat, letters, rows_with_bos

from gradus.errors import InputError
from gradus.ngram.arpa import write_arpa

kenlm = pytest.importorskip("kenlm")  # needs a compiler

PIECES = ["<pad>", "<unk>", "<s>", "</s>", "ein", "Haus", "naïve", "d", "e"]
TEXTS = st.lists(st.lists(st.integers(4, 7), max_size=6), min_size=1, max_size=8).map(flat)
OTHERS = st.lists(st.lists(st.sampled_from([1, 4, 5, 6, 7, 8]), max_size=6), min_size=1, max_size=4).map(flat)
NAMES = sorted(set(SMOOTHERS) - {"mle", "stupid_backoff"})


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(NAMES), text=TEXTS, other=OTHERS, order=st.integers(2, 5))
def test_kenlm_gives_a_written_model_the_same_scores(tmp_path_factory, name, text, other, order):
    path = tmp_path_factory.mktemp("arpa") / "model.arpa"
    model = fitted(name, text, order).model(order)
    write_arpa(path, model, PIECES)
    theirs = kenlm.Model(str(path))
    ours = model.log_probs(other) / math.log(10)
    lines = [" ".join(PIECES[token] for token in row[1:-1]) for row in rows_with_bos(other)]
    scores = [score for line in lines for score, _, _ in theirs.full_scores(line)]
    np.testing.assert_allclose(scores, ours, atol=2e-5)


def test_the_sections_of_a_file(tmp_path):
    # ^a, a$: in order 1 a and EOS have one left neighbour each; discounts fall back to 1/2 at both orders.
    # Order 1: gamma = 2 * 1/2 / 2 = 1/2 over V = 7, p(a) = (1 - 1/2) / 2 + 1/14 = 9/28, p(UNK) = 1/14.
    # Order 2: p(a | ^) = 1/2 + 1/2 * 9/28 = 37/56; weight of ^ and of a: 1/2.
    write_arpa(tmp_path / "model.arpa", fitted("kneser_ney", letters("a"), 2).model(2), PIECES)
    lines = (tmp_path / "model.arpa").read_text(encoding="utf-8").split("\n")
    assert lines[:5] == ["\\data\\", "ngram 1=8", "ngram 2=2", "", "\\1-grams:"]
    assert lines[-2:] == ["\\end\\", ""]
    entries = {fields[1]: fields for fields in (line.split("\t") for line in lines) if len(fields) > 1}
    assert float(entries["<unk>"][0]) == pytest.approx(math.log10(1 / 14), rel=1e-6)
    assert float(entries["ein"][0]) == pytest.approx(math.log10(9 / 28), rel=1e-6)
    assert float(entries["ein"][2]) == pytest.approx(math.log10(1 / 2), rel=1e-6)
    assert float(entries["<s> ein"][0]) == pytest.approx(math.log10(37 / 56), rel=1e-6)
    assert entries["<s>"][0] == "-99" and len(entries["<s> ein"]) == 2


@pytest.mark.parametrize("name", ["mle", "stupid_backoff"])
def test_scores_that_are_no_distributions_are_refused(tmp_path, name):
    with pytest.raises(InputError, match=name):
        write_arpa(tmp_path / "model.arpa", fitted(name, letters("ab"), 2).model(2), PIECES)
    assert not list(tmp_path.iterdir())


def test_pieces_of_another_vocabulary_are_refused(tmp_path):
    with pytest.raises(InputError, match="expected 9 pieces without white space, found 8 pieces"):
        write_arpa(tmp_path / "model.arpa", fitted("katz", letters("ab"), 2).model(2), PIECES[:-1])
