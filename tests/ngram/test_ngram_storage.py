"""Counts and models on disk."""

import hashlib

import numpy as np
import pytest
from ngram_cases import SIZE, SMOOTHERS, fitted, letters

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_folder
from gradus.errors import InputError
from gradus.ngram.counts import count_ngrams
from gradus.ngram.storage import COUNTS, MODELS, open_counts, open_models, open_ngram, write_counts, write_fit

TEXT = letters("abcab/ab/?a/bca")
OTHER = letters("abcb/da//cab")


def save_counts(folder, counts, sha256):
    with new_folder(folder, COUNTS) as part:
        write_counts(part, counts, sha256)


def save_fit(folder, fit, sha256):
    with new_folder(folder, MODELS) as part:
        write_fit(part, fit, sha256)


@pytest.mark.parametrize("name", sorted(SMOOTHERS))
def test_a_model_read_from_disk_scores_as_it_did(tmp_path, name):
    fit = fitted(name, TEXT, 4)
    save_fit(tmp_path / "model", fit, "abc")
    for order in range(1, 5):
        model = open_ngram(tmp_path / "model", order)
        assert isinstance(model.trie.words, np.memmap) and model.order == order
        assert np.array_equal(model.log_probs(OTHER), fit.model(order).log_probs(OTHER))


@pytest.mark.parametrize("name", sorted(SMOOTHERS))
def test_counts_read_from_disk_give_the_same_bytes_of_a_model(tmp_path, name):
    save_counts(tmp_path / "counts", count_ngrams(TEXT, order=3, vocabulary_size=SIZE), "abc")
    direct, read = fitted(name, TEXT, 3), open_counts(tmp_path / "counts")
    save_fit(tmp_path / "one", direct, "abc")
    save_fit(tmp_path / "two", type(direct)(direct.kind, read, direct.models, direct.unseen_weight), "abc")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_manifest_counts_entries_and_bytes_by_order(tmp_path):
    # a b a EOS: order 1 has a, b, EOS; order 2 ^a ab ba a$; order 3 ^ab aba ba$
    save_counts(tmp_path / "counts", count_ngrams(letters("aba"), order=3, vocabulary_size=SIZE), "abc")
    counts = read_json(tmp_path / "counts" / "manifest.json")["orders"]
    assert [counts[n]["entries"] for n in "123"] == [3, 4, 3]
    # 1 + 9 + 4 + 3 = 17 nodes with word, suffix and count, and 1 + 9 + 4 + 1 begins, each of 4 bytes
    assert sum(counts[n]["bytes"] for n in "123") == 4 * (3 * 17 + 15) - 4  # the root's count is no order's
    save_fit(tmp_path / "model", fitted("katz", letters("aba"), 3), "abc")
    orders = read_json(tmp_path / "model" / "manifest.json")["orders"]
    assert [orders[n]["entries"] for n in "123"] == [3, 4, 3]
    assert [orders[n]["stored"] for n in "123"] == [9, 13, 16]  # order 1 stores all 9 ids
    # words, suffixes, log_probs of 17 nodes; begins of 15; log_weights of 14 histories
    assert orders["3"]["bytes"] == 4 * (3 * 17 + 15 + 14)


def test_the_shorter_orders_of_kneser_ney_are_other_tables_than_models_of_that_order():
    for name, same in (("kneser_ney", False), ("katz", True)):
        fit = fitted(name, TEXT, 3)
        longest = fit.models[3].tables.log_probs[fit.counts.trie.nodes(2)]
        assert np.array_equal(longest, fit.models[2].tables.log_probs[fit.counts.trie.nodes(2)]) is same


def test_degenerate_counts_are_told_in_the_manifest(tmp_path):
    save_fit(tmp_path / "model", fitted("modified_kneser_ney", letters("a"), 2), "abc")
    manifest = read_json(tmp_path / "model" / "manifest.json")
    assert manifest["orders"]["2"]["fitted"]["2"] == {"discounts": [0.5, 1.0, 1.5]}
    # ^a and a$ occur once each
    assert any(warning.startswith("order 2, counts: none is 2 (n2 = 0)") for warning in manifest["warnings"])


def test_another_format_and_an_order_not_fitted_are_refused(tmp_path):
    save_fit(tmp_path / "model", fitted("katz", TEXT, 2), "abc")
    with pytest.raises(InputError, match="an order that was fitted: 1, 2, found 3"):
        open_ngram(tmp_path / "model", 3)
    manifest = tmp_path / "model" / "manifest.json"
    write_json(manifest, read_json(manifest) | {"format": 99})
    with pytest.raises(InputError, match="expected format 3, found format 99"):
        open_ngram(tmp_path / "model", 2)


@pytest.mark.parametrize("name", ["words", "begins", "suffixes", "log_probs.2", "log_weights.2", "observed"])
def test_an_array_of_another_model_is_refused(tmp_path, name):
    for folder, text in (("one", TEXT), ("two", letters("ab"))):
        save_fit(tmp_path / folder, fitted("katz", text, 2), "abc")
    array = np.load(tmp_path / "two" / f"{name}.npy")
    np.save(tmp_path / "one" / f"{name}.npy", array[:-1] if name in ("begins", "log_weights.2", "observed") else array)
    with pytest.raises(InputError, match=rf"{name}.npy: expected \d+ bytes, as sealed"):
        open_models(tmp_path / "one")
    with pytest.raises(InputError, match=rf"{name}.npy has \d+ values for \d+"):
        open_ngram(tmp_path / "one", 2)


def test_a_truncated_file_is_refused(tmp_path):
    save_fit(tmp_path / "model", fitted("katz", TEXT, 2), "abc")
    words = tmp_path / "model" / "words.npy"
    words.write_bytes(words.read_bytes()[:-8])
    with pytest.raises(InputError, match="words.npy"):
        open_ngram(tmp_path / "model", 2)
