"""Run the stages count_ngrams and smooth_ngrams on twenty lines."""

import hashlib

import numpy as np
import pytest
from typer.testing import CliRunner

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_folder
from gradus.artifacts.seals import write_seal
from gradus.families.ngrams import open_ngrams
from gradus.families.tokenizers import load_model_tokenizer
from gradus.ngram.scoring.storage import open_ngram
from gradus.ngram.smoothing.smoothers import published_settings
from gradus.text.special import EOS_ID, SPECIAL
from gradus.text.token_ids import TOKENS, write_ids
from gradus.text.tokenizers.words import WordTokenizer
from stages.count_ngrams import app as count_app
from stages.smooth_ngrams import app as smooth_app

TOKENIZER = WordTokenizer([*SPECIAL, *"abcdefgh"])
SMOOTHERS = published_settings()
ZERO_FOR_UNSEEN = ("mle", "stupid_backoff")
"""Kinds that give zero to a word that never occurs."""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Enter a folder with token ids of twenty lines and a parameter file."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(1)
    with new_folder(tmp_path / "data/tokens/lm", TOKENS) as tokens:
        for split, lines in (("train", 20), ("valid", 5)):
            ids = [i for _ in range(lines) for i in (*random.integers(4, 12, random.integers(1, 9)), EOS_ID)]
            write_ids(tokens, split, np.array(ids), 12)
        write_json(tokens / "manifest.json", {"tokenizer": {"kind": "word", "size": 12, "sha256": TOKENIZER.sha256}})
        TOKENIZER.save(tokens / "tokenizer")
    params = {"numerics": "portable", "count_ngrams": {"order": 3}, "smooth_ngrams": SMOOTHERS}
    write_json(tmp_path / "params.yaml", params)  # JSON is YAML
    return tmp_path


def run(app, *arguments, code=0):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code, result.output
    return result.stderr


def test_every_smoother_is_fitted_at_every_order(folder):
    run(count_app)
    assert sorted(read_json(folder / "models/counts/manifest.json")["orders"]) == ["1", "2", "3"]
    test = np.array([4, 5, 1, EOS_ID, EOS_ID])
    for name in SMOOTHERS:
        run(smooth_app, "--name", name)
        manifest = read_json(folder / "models/lm" / name / "manifest.json")
        assert manifest["tokenizer_sha256"] == TOKENIZER.sha256 and manifest["vocabulary_size"] == 12
        assert load_model_tokenizer(open_ngrams(folder / "models/lm" / name)).pieces == TOKENIZER.pieces
        for order in (1, 2, 3):
            scores = open_ngram(folder / "models/lm" / name, order).log_probs(test)
            assert scores.shape == (5,) and np.isfinite(scores).all() == (
                SMOOTHERS[name]["kind"] not in ZERO_FOR_UNSEEN
            )


def test_equal_inputs_give_equal_bytes(folder):
    def digests():
        run(count_app)
        for name in SMOOTHERS:
            run(smooth_app, "--name", name)
        files = [path for path in (folder / "models").rglob("*") if path.is_file()]
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    assert digests() == digests()


def test_degenerate_counts_are_a_warning_on_stderr(folder):
    write_ids(folder / "data/tokens/lm", "train", np.array([4, EOS_ID]), 12)
    write_seal(folder / "data/tokens/lm", TOKENS)
    run(count_app)
    assert "warning: order 3, counts: no n-gram has count exactly 2 (n2 = 0)" in run(
        smooth_app, "--name", "modified_kneser_ney"
    )


def test_an_unknown_smoother_is_named(folder):
    run(count_app)
    message = run(smooth_app, "--name", "witten_bel", code=2)
    assert "smooth_ngrams.witten_bel" in message and "no 'witten_bel'" in message and "\n" not in message.strip()


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("{kind: additive, k: 0.0}", "a number above 0"),
        ("{kind: stupid_backoff, factor: 1.0}", "a number below 1"),
        ("{kind: katz, threshold: 0}", "a number of at least 1"),
        ("{kind: katz}", "threshold: expected a value, found none"),
        ("{kind: mle, k: 1}", "expected a known key"),
        ("{kind: good_turing}", "good_turing"),
    ],
)
def test_a_wrong_parameter_is_named(folder, section, expected):
    run(count_app)
    (folder / "params.yaml").write_text(f"numerics: portable\nsmooth_ngrams:\n  wrong: {section}\n")
    message = run(smooth_app, "--name", "wrong", code=2)
    assert "smooth_ngrams.wrong" in message and expected in message


def test_a_missing_input_is_named(folder):
    assert "models/counts: expected a folder of n-gram counts, found no folder" in run(
        smooth_app, "--name", "katz", code=2
    )
    (folder / "data/tokens/lm/train.npy").unlink()
    assert "bytes, as the seal says, found no file" in run(count_app, code=2)
    assert not (folder / "models/counts").exists()


def test_counts_by_another_tokenizer_are_refused(folder):
    run(count_app)
    write_json(folder / "data/tokens/lm/manifest.json", {"tokenizer": {"kind": "word", "size": 12, "sha256": "ba2"}})
    write_seal(folder / "data/tokens/lm", TOKENS)
    message = f"expected counts for the tokenizer of data/tokens/lm (SHA-256 ba2), found SHA-256 {TOKENIZER.sha256}"
    assert message in run(smooth_app, "--name", "katz", code=2)
