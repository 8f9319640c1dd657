"""gradus ngram build and gradus score: from a text file to perplexities."""

import math

import numpy as np
import pytest
from command_line import TEXT, gradus

from gradus.artifacts.json_files import read_json
from gradus.ngram.scoring.storage import open_ngram
from gradus.ngram.smoothing.smoothers import published_settings

OTHER = "a b d\nd\n"

DISTRIBUTIONS = [name for name in published_settings() if name not in ("mle", "stupid_backoff")]
"""Smoothers whose models have a finite perplexity on every text."""


@pytest.fixture
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text(TEXT)
    (tmp_path / "other.txt").write_text(OTHER)
    return tmp_path


@pytest.mark.parametrize("smoother", DISTRIBUTIONS)
def test_a_built_model_has_one_order_and_scores_text(inside, smoother):
    options = ("--order", 3, "--smoother", smoother, "--valid", "other.txt")
    output = gradus("ngram", "build", "text.txt", "model", *options).stdout
    assert output.startswith(f"model: {smoother}, 7 words, n-grams by order: 7 ")
    assert list(read_json(inside / "model/manifest.json")["orders"]) == ["3"]
    scores = dict(line.split(": ") for line in gradus("score", "model", "other.txt").stdout.splitlines())
    # a b <unk> EOS, <unk> EOS: <unk> is a type of the text
    assert scores["tokens"] == "6" and scores["oov"] == "2" and scores["zero_tokens"] == "0"
    nats = -open_ngram(inside / "model", 3).log_probs(np.array([4, 5, 1, 3, 1, 3]))
    assert float(scores["nats"]) == pytest.approx(nats.sum(), abs=1e-5)
    assert float(scores["perplexity"]) == pytest.approx(math.exp(nats.mean()), rel=1e-5)
    known = nats[[0, 1, 3, 5]]
    assert float(scores["perplexity_without_oov"]) == pytest.approx(math.exp(known.mean()), rel=1e-5)


def test_scores_of_lines_sum_to_those_of_the_text(inside):
    gradus("ngram", "build", "text.txt", "model", "--smoother", "witten_bell")
    result = gradus("score", "model", "other.txt", "--by-line")
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert rows[0] == ["nats", "tokens", "oov", "perplexity", "perplexity_without_oov", "text"]
    assert [row[1:3] + row[5:] for row in rows[1:]] == [["4", "1", "a b d"], ["2", "1", "d"]]
    totals = dict(line.split(": ") for line in result.stderr.splitlines())
    assert sum(float(row[0]) for row in rows[1:]) == pytest.approx(float(totals["nats"]), abs=1e-3)
    assert float(rows[2][3]) == pytest.approx(math.exp(float(rows[2][0]) / 2), rel=1e-3)


def test_working_files_do_not_change_the_model_and_are_deleted(inside):
    gradus("ngram", "build", "text.txt", "one")
    gradus("ngram", "build", "text.txt", "two", "--scratch", "scratch")
    assert not list((inside / "scratch").iterdir())
    files = sorted(path.relative_to(inside / "one") for path in (inside / "one").rglob("*") if path.is_file())
    assert all((inside / "one" / path).read_bytes() == (inside / "two" / path).read_bytes() for path in files)
    assert len(files) == 10  # trie 3, tables 2, observed, manifest, tokenizer 2, seal


def test_smoothers_that_fit_on_held_out_text_require_it(inside):
    error = gradus("ngram", "build", "text.txt", "model", "--smoother", "jelinek_mercer", code=2).stderr
    assert error.startswith("error: jelinek_mercer: expected a validation text, found no text")
    assert not (inside / "model").exists()
    for smoother in ("jelinek_mercer", "add_k"):
        gradus("ngram", "build", "text.txt", smoother, "--smoother", smoother, "--valid", "other.txt")


def test_degenerate_counts_warn(inside):
    (inside / "text.txt").write_text("a\n")
    warnings = gradus("ngram", "build", "text.txt", "model", "--order", 2).stderr
    assert (
        "warning: order 2, counts: no n-gram has count exactly 2 (n2 = 0); discounts (0.5, 1.0, 1.5) are used instead"
        in warnings
    )


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("nowhere.txt", "model"), "found no file"),
        (("marked.txt", "model"), "marked.txt: line 2: expected words other than <pad>, <s>, </s>, found </s>"),
        (("text.txt", "model", "--smoother", "kats"), "--smoother: expected one of mle, laplace, add_k, "),
        (("text.txt", "model", "--smoother", "katz", "--prune", "1"), "--prune: expected kneser_ney"),
        (("text.txt", "model", "--smoother", "katz", "--lmplz"), "lmplz: expected modified_kneser_ney"),
        (("text.txt", "model", "--prune", "0 2 1"), "modified_kneser_ney: prune: expected thresholds that do not"),
        (("text.txt", "model", "--prune", "0 x"), "modified_kneser_ney: prune.1: expected a whole number"),
    ],
)
def test_wrong_input_is_refused_on_one_line(inside, arguments, found):
    (inside / "marked.txt").write_text("a\nb </s>\n")
    error = gradus("ngram", "build", *arguments, code=2).stderr
    assert found in error and error.count("\n") == 1
    assert not (inside / "model").exists()


def test_an_order_that_was_not_built_is_refused(inside):
    gradus("ngram", "build", "text.txt", "model", "--order", 2)
    error = gradus("score", "model", "other.txt", "--order", 3, code=2).stderr
    assert "expected an order for which a model was fitted (2), found 3" in error
