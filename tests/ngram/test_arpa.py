"""Written ARPA files: KenLM and our reader find the same model in them."""

import gzip
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ngram_cases import CASES, DISTRIBUTIONS, fitted, flat, letters, rows_with_bos

from gradus.errors import InputError
from gradus.ngram.arpa.reader import read_arpa
from gradus.ngram.arpa.writer import write_arpa

PIECES = ["<pad>", "<unk>", "<s>", "</s>", "ein", "Haus", "naïve", "a\u00a0d", "e"]
TEXTS = st.lists(st.lists(st.sampled_from([1, 4, 5, 6, 7]), max_size=6), min_size=1, max_size=8).map(flat)
OTHERS = st.lists(st.lists(st.sampled_from([1, 4, 5, 6, 7, 8]), max_size=6), min_size=1, max_size=4).map(flat)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(DISTRIBUTIONS), text=TEXTS, other=OTHERS, order=st.integers(2, 5))
def test_kenlm_gives_a_written_model_the_same_scores(tmp_path_factory, name, text, other, order):
    kenlm = pytest.importorskip("kenlm")  # needs a compiler
    path = tmp_path_factory.mktemp("arpa") / "model.arpa"
    model = fitted(name, text, order).model(order)
    write_arpa(path, model, PIECES)
    theirs = kenlm.Model(str(path))
    ours = model.log_probs(other) / math.log(10)
    lines = [" ".join(PIECES[token] for token in row[1:-1]) for row in rows_with_bos(other)]
    scores = [score for line in lines for score, _, _ in theirs.full_scores(line)]
    np.testing.assert_allclose(scores, ours, atol=2e-5)


@settings(max_examples=120, deadline=None)
@given(
    name=st.sampled_from(DISTRIBUTIONS),
    text=TEXTS,
    order=st.integers(1, 5),
    ending=st.sampled_from(["arpa", "arpa.gz"]),
)
def test_reading_a_written_model_gives_the_same_model(tmp_path_factory, name, text, order, ending):
    path = tmp_path_factory.mktemp("arpa") / f"model.{ending}"
    model = fitted(name, text, order).model(order)
    write_arpa(path, model, PIECES)
    read = read_arpa(path)
    assert read.pieces == PIECES and read.warnings == []
    assert read.model.trie.firsts == model.trie.firsts and read.model.vocabulary_size == model.vocabulary_size
    for array in "words", "begins", "suffixes":
        assert np.array_equal(getattr(read.model.trie, array), getattr(model.trie, array))
    probs, weights = model.tables.log_probs[1:], model.tables.backoff[1:]  # those of the root are unused
    assert np.array_equal(read.model.tables.log_probs[1:], np.minimum(probs, 0))  # rounding may put ln 1 above 0
    assert np.array_equal(read.model.tables.backoff[1:], weights)


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
    assert entries["</s>"][2] == "0"  # no history ends with EOS, so its weight is 1


def test_a_compressed_file_has_the_same_text(tmp_path):
    model = fitted("katz", letters("abca/ab"), 3).model(3)
    (tmp_path / "one_again").mkdir()
    for name in "plain.arpa", "one.arpa.gz", "one_again/one.arpa.gz":
        write_arpa(tmp_path / name, model, PIECES)
    compressed = (tmp_path / "one.arpa.gz").read_bytes()
    assert gzip.decompress(compressed) == (tmp_path / "plain.arpa").read_bytes()
    assert compressed == (tmp_path / "one_again/one.arpa.gz").read_bytes()


@pytest.mark.parametrize("name", sorted(CASES.keys() - DISTRIBUTIONS))
def test_scores_that_are_not_distributions_are_refused(tmp_path, name):
    with pytest.raises(InputError, match=CASES[name].kind):
        write_arpa(tmp_path / "model.arpa", fitted(name, letters("ab"), 2).model(2), PIECES)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        (PIECES[:-1], "expected 9 pieces, found 8 pieces"),
        ([*PIECES[:-1], "new york"], "without blanks, .* found 'new york'"),
        ([*PIECES[:-1], ""], "without blanks, .* found ''"),
        ([*PIECES[:-1], "<UNK>"], "no piece <UNK>, found '<UNK>'"),
    ],
)
def test_pieces_that_cannot_be_written_are_refused(tmp_path: Path, pieces, message):
    with pytest.raises(InputError, match=message):
        write_arpa(tmp_path / "model.arpa", fitted("katz", letters("ab"), 2).model(2), pieces)
    assert not list(tmp_path.iterdir())
