"""Counts and models on disk."""

import hashlib

import numpy as np
import pytest
from ngram_cases import SIZE, SMOOTHERS, fitted, letters

from gradus.artifacts import read_json, write_json
from gradus.errors import InputError
from gradus.ngram.counts import count_ngrams
from gradus.ngram.storage import open_counts, open_ngram, save_counts, save_fit, stored_orders

TEXT = letters("abcab/ab/?a/bca")
OTHER = letters("abcb/da//cab")


@pytest.mark.parametrize("name", sorted(SMOOTHERS))
def test_a_model_read_from_disk_scores_as_it_did(tmp_path, name):
    fit = fitted(name, TEXT, 4)
    save_fit(tmp_path / "model", fit, "abc")
    assert stored_orders(tmp_path / "model") == [1, 2, 3, 4]
    for order in range(1, 5):
        model = open_ngram(tmp_path / "model", order)
        assert isinstance(model.keys[0], np.memmap) and model.order == order
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
    for n in "123":
        assert counts[n]["bytes"] == sum(p.stat().st_size for p in (tmp_path / "counts").glob(f"*.{n}.npy"))
    save_fit(tmp_path / "model", fitted("katz", letters("aba"), 3), "abc")
    orders = read_json(tmp_path / "model" / "manifest.json")["orders"]
    assert [orders[n]["entries"] for n in "123"] == [3, 4, 3]
    assert [orders[n]["stored"] for n in "123"] == [9, 13, 16]  # order 1 stores all 9 ids
    files = sum(p.stat().st_size for p in (tmp_path / "model").glob("*.[123].npy"))
    tables = sum(p.stat().st_size for p in (tmp_path / "model").glob("log_*.npy"))
    assert orders["3"]["bytes"] == files + tables


def test_lower_orders_of_kneser_ney_are_other_tables_than_models_of_that_order(tmp_path):
    for name, tables in (("kneser_ney", ["1.of2", "2.of3", "3.of3"]), ("katz", ["1.of1", "2.of2", "3.of3"])):
        save_fit(tmp_path / name, fitted(name, TEXT, 3), "abc")
        assert read_json(tmp_path / name / "manifest.json")["orders"]["3"]["tables"] == tables


def test_degenerate_counts_are_told_in_the_manifest(tmp_path):
    save_fit(tmp_path / "model", fitted("modified_kneser_ney", letters("a"), 2), "abc")
    manifest = read_json(tmp_path / "model" / "manifest.json")
    assert manifest["fitted"]["2.of2"] == {"discounts": [0.5, 1.0, 1.5]}
    # ^a and a$ occur once each
    assert any(warning.startswith("order 2, counts: none is 2 (n2 = 0)") for warning in manifest["warnings"])


def test_another_format_and_an_order_not_fitted_are_refused(tmp_path):
    save_fit(tmp_path / "model", fitted("katz", TEXT, 2), "abc")
    with pytest.raises(InputError, match="an order from 1 to 2, found 3"):
        open_ngram(tmp_path / "model", 3)
    manifest = tmp_path / "model" / "manifest.json"
    write_json(manifest, read_json(manifest) | {"format": 99})
    with pytest.raises(InputError, match="n-gram models in format 1, found format 99"):
        open_ngram(tmp_path / "model", 2)


def test_a_truncated_file_is_refused(tmp_path):
    save_fit(tmp_path / "model", fitted("katz", TEXT, 2), "abc")
    keys = tmp_path / "model" / "keys.2.npy"
    keys.write_bytes(keys.read_bytes()[:-8])
    with pytest.raises(InputError, match="keys.2.npy"):
        open_ngram(tmp_path / "model", 2)
