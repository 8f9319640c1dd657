"""ARPA files that other toolkits or people write, and broken ones."""

import gzip
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ngram_cases import fitted, flat, rows_with_bos

from gradus.errors import InputError
from gradus.ngram.arpa import text_file
from gradus.ngram.arpa.reader import read_arpa
from gradus.ngram.arpa.writer import write_arpa
from gradus.ngram.scoring.lookup import advance, distributions

PIECES = ["<pad>", "<unk>", "<s>", "</s>", "a", "b", "c", "d", "e"]
WORDS = st.sampled_from([1, 4, 5, 6, 7])

FILE = """\\data\\
ngram 1=6
ngram 2=3
ngram 3=2

\\1-grams:
-2\t<unk>
-99\t<s>\t-0.5
-1\t</s>
-0.5\ta\t-0.25
-1\tb\t-0.125
-1.5\tc

\\2-grams:
-0.25\t<s> a\t-0.5
-0.5\ta b\t-1
-0.75\tb a\t0

\\3-grams:
-0.125\t<s> a b
-0.25\ta b c

\\end\\
"""
A, B, C = 4, 5, 6


def read(folder, text):
    path = folder / "model.arpa"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_arpa(path)


def log10(model, *words):
    """Score one line."""
    return (model.log_probs(np.array([*words, 3])) / math.log(10)).tolist()


def same(one, other):
    arrays = [
        [m.trie.words, m.trie.begins, m.trie.suffixes, m.tables.log_probs, m.tables.backoff] for m in (one, other)
    ]
    return all(map(np.array_equal, *arrays)) and one.trie.firsts == other.trie.firsts


def test_scores_of_a_small_file(tmp_path):
    arpa = read(tmp_path, FILE)
    assert arpa.pieces == PIECES[:7] and arpa.warnings == [] and arpa.model.kind == "arpa"
    # a after BOS: -1/4. b after BOS a: -1/8. c after a b: -1/4. EOS after b c: neither b c nor its weight is stored,
    # nor is the weight of c; so p(EOS).
    assert log10(arpa.model, A, B, C) == pytest.approx([-0.25, -0.125, -0.25, -1])
    # b after BOS: weight of BOS, p(b). a after BOS b, which is not stored: p(a | b) = -3/4.
    # EOS after b a: its weight is 1; weight of a; p(EOS).
    assert log10(arpa.model, B, A) == pytest.approx([-0.5 - 1, -0.75, 0 - 0.25 - 1])
    assert arpa.model.observed.tolist() == [False, False, False, True, True, True, True]


def test_a_missing_suffix_gets_the_probability_of_backing_off(tmp_path):
    # b c is the suffix of a b c: it gets p = weight of b * p(c) = 10^(-1/8 - 3/2), and weight 1
    model = read(tmp_path, FILE).model
    assert model.trie.firsts == (0, 1, 8, 12, 14)
    assert [int(w) for w in model.trie.words[8:12]] == [A, B, A, C]  # BOS a, a b, b a, b c
    assert model.tables.log_probs[11] == pytest.approx(-1.625 * math.log(10)) and model.tables.backoff[11] == 0
    assert model.trie.suffixes[13] == 11


def test_missing_suffixes_of_suffixes_are_added_too(tmp_path):
    text = """\\data\\
ngram 1=5
ngram 2=1
ngram 3=1
ngram 4=1

\\1-grams:
-2 <unk>
-1 <s> -0.5
-1 </s>
-1 a -0.25
-1 b -0.125
\\2-grams:
-0.5 <s> a -1
\\3-grams:
-0.5 <s> a b -2
\\4-grams:
-0.25 <s> a b b
\\end\\"""
    model = read(tmp_path, text).model
    # a b, b b; a b b
    assert model.trie.firsts == (0, 1, 7, 10, 12, 13)
    assert log10(model, A, B, B) == pytest.approx([-0.5, -0.5, -0.25, -0.125 - 1])
    # on another line: p(b | a) = weight of a, p(b); p(b | a b) = p(b | b) = weight of b, p(b)
    assert log10(model, B, A, B, B) == pytest.approx([-1.5, -1.125, -1.25, -1.125, -1.125])


@settings(max_examples=60, deadline=None)
@given(
    text=st.lists(st.lists(WORDS, min_size=2, max_size=8), min_size=3, max_size=8).map(flat),
    other=st.lists(st.lists(st.sampled_from([1, 4, 5, 6, 7, 8]), max_size=6), min_size=1, max_size=4).map(flat),
    order=st.integers(2, 5),
    random=st.randoms(use_true_random=False),
)
def test_kenlm_gives_the_same_scores_to_an_edited_model(tmp_path_factory, text, other, order, random):
    kenlm = pytest.importorskip("kenlm")
    path = tmp_path_factory.mktemp("arpa") / "model.arpa"
    write_arpa(path, fitted("kneser_ney", text, order).model(order), PIECES)
    path.write_text(edited(path.read_text(), random))
    model, theirs = read_arpa(path).model, kenlm.Model(str(path))
    pieces = read_arpa(path).pieces
    ids = np.array([pieces.index(PIECES[i]) for i in other])
    lines = [" ".join(PIECES[token] for token in row[1:-1]) for row in rows_with_bos(other)]
    scores = [score for line in lines for score, _, _ in theirs.full_scores(line)]
    np.testing.assert_allclose(scores, model.log_probs(ids) / math.log(10), atol=2e-5)


def edited(text, random):
    """Shuffle the rows of every order; drop back-offs of zero, and a fifth of the n-grams without continuations.

    KenLM accepts few other changes.
    """
    orders = []
    for line in text.split("\n"):
        if line.endswith("-grams:"):
            orders.append([])
        elif "\t" in line:
            orders[-1].append(line.split("\t"))
    longer = set()
    for n in range(len(orders), 0, -1):
        rows = orders[n - 1]
        free = [row for row in rows if 1 < n < len(orders) and row[1] not in longer]
        gone = [row[1] for row in random.sample(free, min(len(free), len(rows) // 5))]
        orders[n - 1] = [row for row in rows if row[1] not in gone]
        longer = {row[1].rpartition(" ")[0] for row in orders[n - 1]}
    lines = ["\\data\\", *(f"ngram {n}={len(rows)}" for n, rows in enumerate(orders, 1))]
    for n, rows in enumerate(orders, 1):
        random.shuffle(rows)
        lines += ["", f"\\{n}-grams:", *("\t".join(row[:2] if row[2:] == ["0"] else row) for row in rows)]
    return "\n".join([*lines, "", "\\end\\", ""])


def test_a_model_of_another_toolkit_can_be_written_and_read(tmp_path):
    arpa = read(tmp_path, FILE.replace("ngram 1=6", "ngram 1=5").replace("-2\t<unk>\n", ""))
    write_arpa(tmp_path / "again.arpa.gz", arpa.model, arpa.pieces)
    again = read_arpa(tmp_path / "again.arpa.gz")
    assert same(arpa.model, again.model) and again.pieces == arpa.pieces and again.warnings == []


def test_next_word_distributions_equal_the_scores(tmp_path):
    model = read(
        tmp_path, FILE.replace("b a\t0", "b a\t-0.375")
    ).model  # a back-off weight of a history without continuations
    lines = [[B, A, w] for w in (1, A, B, C)]
    scores = [model.log_probs(np.array([*line, 3]))[2] for line in lines]
    node = np.zeros(1, np.int64)
    for word in (2, B, A):
        node = advance(model.trie, node, np.array([word]))
    rows = distributions(model.trie, model.tables, node)
    assert rows[0, [1, A, B, C]] == pytest.approx(scores)
    assert rows[0, 0] == rows[0, 2] == -math.inf


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\t", "  "),
        lambda text: text.replace("-", " \t-").replace(" \t-grams", "-grams"),
        lambda text: "# a comment\n\n" + text,
        lambda text: text.replace("\\data\\\n", "\\data\\\n\n").replace("=", " = "),
        lambda text: text.replace("\n-", "\n\n-").replace("\\2-grams:", "\n\n\\2-grams:"),
        lambda text: text.replace("\n\n\\", "\n\\").rstrip("\n"),
        lambda text: text.replace("<unk>", "<UNK>"),
        lambda text: text.replace("-99", "-inf").replace("b a\t0", "b a"),
        lambda text: text.replace("-99\t<s>", "0\t<s>"),
        lambda text: text.replace("-1.5\t", "-15e-1\t").replace("-0.5\t", "-.5\t").replace("-2\t", "-2.\t"),
        lambda text: text.replace("-2\t<unk>\n", "").replace("\tc\n", "\tc\n-2\t<unk>\n"),
        lambda text: text.replace("-0.25\t<s> a\t-0.5\n", "").replace("-1\n-0.75", "-1\n-0.25\t<s> a\t-0.5\n-0.75"),
        lambda text: text + "\nwhat follows is not read\n",
        lambda text: gzip.compress(text.encode()),
    ],
)
def test_variants_that_other_readers_accept_give_the_same_model(tmp_path, edit):
    assert edit(FILE) != FILE
    expected, found = read(tmp_path, FILE), read(tmp_path, edit(FILE))
    assert same(expected.model, found.model)
    assert (found.pieces, found.warnings) == (expected.pieces, [])


@pytest.mark.parametrize("block", [1, 7, 64])
def test_blocks_of_any_size_give_the_same_model(tmp_path, monkeypatch, block):
    expected = read(tmp_path, FILE)
    monkeypatch.setattr(text_file, "BLOCK", block)
    assert same(expected.model, read(tmp_path, FILE).model)


def test_only_blanks_separate_words(tmp_path):
    arpa = read(tmp_path, re.sub(r"\ba\b", "x\u00a0y", FILE).replace("b", "\fz"))
    assert arpa.pieces[4:] == ["x\u00a0y", "\fz", "c"]


def test_a_missing_or_repeated_unk_is_a_warning(tmp_path):
    without = read(tmp_path, FILE.replace("ngram 1=6", "ngram 1=5").replace("-2\t<unk>\n", ""))
    assert without.warnings == ["the file has no 1-gram <unk>; the log10 of its probability is set to -100"]
    assert log10(without.model, 1) == pytest.approx([-100.5, -1])
    both = read(tmp_path, FILE.replace("ngram 1=6", "ngram 1=7").replace("\tc\n", "\tc\n-3\t<UNK>\n"))
    assert both.warnings == ["<unk> and <UNK> are the same word; the later 1-gram is used"]
    assert log10(both.model, 1) == pytest.approx([-3.5, -1]) and len(both.pieces) == 7


def test_back_offs_at_the_highest_order_are_a_warning_and_left_out(tmp_path):
    arpa = read(tmp_path, FILE.replace("<s> a b\n", "<s> a b\t-0.5\n").replace("a b c\n", "a b c 0\n"))
    assert arpa.warnings == ["1 3-grams have a back-off weight, which the highest order does not use"]
    assert same(arpa.model, read(tmp_path, FILE).model)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ngram 2=3", "ngram 2=4", "line 3: expected ngram 2=3, the number of n-grams in the file, found ngram 2=4"),
        ("ngram 3=2", "ngram 3=1", "line 4: expected ngram 3=2, the number"),
        ("ngram 1=6", "ngram 0=6", "line 2: expected ngram 1=COUNT, found 'ngram 0=6'"),
        ("ngram 2=3", "ngram 3=3", r"line 3: expected ngram 2=COUNT or \\1-grams:, found 'ngram 3=3'"),
        ("ngram 3=2", "ngram three", "line 4: expected ngram 3=COUNT"),
        ("ngram 1=6\nngram 2=3\nngram 3=2\n", "", "line 3: expected ngram 1=COUNT"),
        ("\\data\\", "\ufeff\\data\\", r"line 1: expected \\data\\, the first line of ARPA files, found '\\ufeff"),
        ("\\end\\", "", r"line 23: expected \\end\\, found the end of the file"),
        ("\\3-grams:\n", "\\4-grams:\n", r"line 19: expected \\3-grams:, found '\\\\4-grams:'"),
        ("\\1-grams:\n", "", r"line 6: expected ngram 4=COUNT or \\1-grams:, found '-2"),
        ("\ta b c", "\ta b z", "line 21: expected words that are 1-grams of the file, found 'z'"),
        ("\ta b c", "\ta b <pad>", "line 21: expected words that are 1-grams of the file, found '<pad>'"),
        ("\ta b c", "\tb b c", "line 21: expected an n-gram whose first 2 words are listed as a 2-gram, found '-0.25"),
        ("b a\t0", "a b\t0", "line 17: expected every n-gram once"),
        ("\tc\n", "\tb\n", "line 12: expected every word once"),
        ("\tc\n", "\t<pad>\n", "line 12: expected a word that is not <pad>"),
        ("-0.75\tb", "0.75\tb", "line 17: expected log10 of a probability, at most 0, found 0.75"),
        ("-0.75\tb", "nan\tb", "line 17: expected a decimal logarithm, found 'nan'"),
        ("-0.75\tb", "-0,75\tb", "line 17: expected a decimal logarithm, found '-0,75'"),
        ("-1.5\tc", "-1.5\tc\tinf", "line 12: expected a decimal logarithm, found 'inf'"),
        ("\t<s> a b", "\ta b", "line 20: expected a log-probability, 3 words and, optionally, a back-off weight"),
        (
            "-0.75\tb a",
            "-0.75\tb a a a",
            "line 17: expected a log-probability, 2 words and, optionally, a back-off weight",
        ),
        ("-1\t</s>", "-1\tx", "1-grams:: expected the 1-gram </s>, found no such 1-gram"),
        ("-99\t<s>\t-0.5", "-1\tx", "1-grams:: expected the 1-gram <s>, found no such 1-gram"),
    ],
)
def test_a_broken_file_is_refused_with_the_line(tmp_path, monkeypatch, old, new, message):
    assert old in FILE
    for block in (2**22, 8):
        monkeypatch.setattr(text_file, "BLOCK", block)
        with pytest.raises(InputError, match=message):
            read(tmp_path, FILE.replace(old, new, 1))


def test_incomplete_and_other_files_are_refused(tmp_path):
    compressed = gzip.compress(FILE.encode())
    for content, message in [
        (b"", "line 0: expected .* found the end of the file"),
        (b"\x89PNG\r\n\x1a\n", r"line 1: expected \\data\\"),
        (compressed[:-20], "expected a complete gzip file"),
        (compressed[:12] + b"\xff\xff" + compressed[14:], "expected a complete gzip file"),
        (FILE.replace("\tc\n", "\té\n").encode("latin-1"), "line 12: expected UTF-8"),
        (FILE[:100], "found the end of the file"),
    ]:
        with pytest.raises(InputError, match=message):
            read(tmp_path, content)
    with pytest.raises(InputError, match="found no file"):
        read_arpa(tmp_path / "none.arpa")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("b a\t0", "b a\t1e300", "line 17: expected log10 of a back-off weight, at most 30"),
        ("b a\t0", "b a\tinf", "line 17: expected a decimal logarithm"),
        ("b a\t0", "b a\tnan", "line 17: expected a decimal logarithm"),
        ("-1\tb\t-0.125", "nan\tb\t-0.125", "line 11: expected a decimal logarithm"),
        # 10^5 for all words after b a, because the file lists none
        ("b a\t0", "b a\t5", "found probabilities after 'b a' that sum to 1e\\+05 over words"),
        # after a, all words except b, whose p is 1/10, sum to 10^(1/8) (1 - 1/10)
        ("-0.5\ta\t-0.25", "-0.5\ta\t0.125", "found probabilities after 'a' that sum to 1.2"),
    ],
)
def test_back_offs_that_give_sums_above_one_are_refused(tmp_path, old, new, message):
    assert old in FILE
    with pytest.raises(InputError, match=message):
        read(tmp_path, FILE.replace(old, new))


def test_sums_above_one_are_a_warning(tmp_path):
    # after a: p(b | a) = 10^(-1/2), and the other words (1 - 1/10) with weight 1
    arpa = read(tmp_path, FILE.replace("-0.5\ta\t-0.25", "-0.5\ta\t0"))
    assert arpa.warnings == ["the probabilities after 'a' sum to 1.22, so perplexities are too low"]
    # p(b) = 1 instead of 0.1: the 1-grams sum to 0.56 - 0.1 + 1
    arpa = read(tmp_path, FILE.replace("-1\tb\t-0.125", "0\tb\t-0.125"))
    assert arpa.warnings == ["the probabilities of the 1-grams sum to 1.46, so perplexities are too low"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (FILE.replace("ngram 1=6", f"ngram 1={'9' * 5000}"), "line 2: expected ngram 1=COUNT"),
        (FILE.replace("-2\t<unk>", "a" * 2000), "lines of at most 1000 bytes"),
        ("\n" * 20_000 + FILE, "data"),
        (FILE.replace("-1.5\tc\n", "-1.5\tc\n" * 100_000), "at most 50 times the compressed size"),
    ],
)
def test_files_made_to_fill_the_memory_are_refused(tmp_path, monkeypatch, content, message):
    monkeypatch.setattr(text_file, "BLOCK", 200)
    monkeypatch.setattr(text_file, "LINE", 1000)
    monkeypatch.setattr(text_file, "GZIP_FREE", 1000)
    with pytest.raises(InputError, match=message):
        read(tmp_path, gzip.compress(content.encode()))


def test_a_nul_in_a_word_is_refused(tmp_path):
    with pytest.raises(InputError, match="line 11: expected words without a NUL byte"):
        read(tmp_path, FILE.replace("-1\tb\t", "-1\tb\0\t").replace(" b", " b\0").replace("\tb ", "\tb\0 "))
