"""Counts and models on disk."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from ngram_cases import CASES, SIZE, fitted, letters

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_folder
from gradus.artifacts.seals import write_seal
from gradus.errors import InputError
from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.counting.storage import COUNTS, open_counts, write_counts
from gradus.ngram.scoring.storage import MODELS, open_models, open_ngram
from gradus.ngram.smoothing.fit import write_fit

TEXT = letters("abcab/ab/?a/bca")
OTHER = letters("abcb/da//cab")


def save_counts(folder, counts, sha256):
    with new_folder(folder, COUNTS) as part:
        write_counts(part, counts, sha256)


def save_fit(folder, fit, sha256):
    with new_folder(folder, MODELS) as part:
        write_fit(part, fit, sha256)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_model_read_from_disk_gives_the_same_scores(tmp_path, name):
    fit = fitted(name, TEXT, 4)
    save_fit(tmp_path / "model", fit, "abc")
    for order in range(1, 5):
        model = open_ngram(tmp_path / "model", order)
        assert isinstance(model.trie.words, np.memmap) and model.order == order
        assert np.array_equal(model.log_probs(OTHER), fit.model(order).log_probs(OTHER))


@pytest.mark.parametrize("name", sorted(CASES))
def test_counts_read_from_disk_give_a_model_of_the_same_bytes(tmp_path, name):
    save_counts(tmp_path / "counts", count_ngrams(TEXT, order=3, vocabulary_size=SIZE), "abc")
    direct, read = fitted(name, TEXT, 3), open_counts(tmp_path / "counts")
    save_fit(tmp_path / "one", direct, "abc")
    save_fit(tmp_path / "two", replace(direct, counts=read), "abc")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_manifest_counts_entries_and_bytes_by_order(tmp_path):
    # a b a EOS: order 1 has a, b, EOS; order 2 ^a ab ba a$; order 3 ^ab aba ba$
    save_counts(tmp_path / "counts", count_ngrams(letters("aba"), order=3, vocabulary_size=SIZE), "abc")
    counts = read_json(tmp_path / "counts" / "manifest.json")["orders"]
    assert [counts[n]["entries"] for n in "123"] == [3, 4, 3]
    # 1 + 9 + 4 + 3 = 17 nodes with word, suffix and count, and 1 + 9 + 4 + 1 begins, each of 4 bytes
    assert sum(counts[n]["bytes"] for n in "123") == 4 * (3 * 17 + 15) - 4  # the count of the root belongs to no order
    save_fit(tmp_path / "model", fitted("katz", letters("aba"), 3), "abc")
    orders = read_json(tmp_path / "model" / "manifest.json")["orders"]
    assert [orders[n]["entries"] for n in "123"] == [3, 4, 3]
    assert [orders[n]["stored"] for n in "123"] == [9, 13, 16]  # order 1 stores all 9 ids
    # words, suffixes, log_probs of 17 nodes; begins of 15; log_weights of 14 histories
    assert orders["3"]["bytes"] == 4 * (3 * 17 + 15 + 14)


def test_an_order_of_kneser_ney_differs_as_the_longest_and_as_a_shorter_one():
    for name, same in (("kneser_ney", False), ("katz", True)):
        fit = fitted(name, TEXT, 3)
        longest = fit.models[3].tables.log_probs[fit.counts.trie.nodes(2)]
        assert np.array_equal(longest, fit.models[2].tables.log_probs[fit.counts.trie.nodes(2)]) is same


def test_the_manifest_warns_of_degenerate_counts(tmp_path):
    save_fit(tmp_path / "model", fitted("modified_kneser_ney", letters("a"), 2), "abc")
    manifest = read_json(tmp_path / "model" / "manifest.json")
    assert manifest["orders"]["2"]["fitted"]["2"] == {"discounts": [0.5, 1.0, 1.5]}
    # ^a and a$ occur once each
    assert any(
        warning.startswith("order 2, counts: no n-gram has count exactly 2 (n2 = 0)")
        for warning in manifest["warnings"]
    )


def test_another_format_and_an_order_not_fitted_are_refused(tmp_path):
    save_fit(tmp_path / "model", fitted("katz", TEXT, 2), "abc")
    with pytest.raises(InputError, match=r"an order for which a model was fitted \(1, 2\), found 3"):
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
    with pytest.raises(InputError, match=rf"{name}.npy: expected \d+ bytes, as the seal says"):
        open_models(tmp_path / "one")
    with pytest.raises(InputError, match=rf"\d+ values in {name}.npy instead of \d+"):
        open_ngram(tmp_path / "one", 2)


def test_a_truncated_file_is_refused(tmp_path):
    save_fit(tmp_path / "model", fitted("katz", TEXT, 2), "abc")
    words = tmp_path / "model" / "words.npy"
    words.write_bytes(words.read_bytes()[:-8])
    with pytest.raises(InputError, match="words.npy"):
        open_ngram(tmp_path / "model", 2)


def edit(folder, name, place, value):
    """Write a value into an array, and seal the folder again, as anybody could."""
    array = np.load(folder / f"{name}.npy")
    array.view(np.uint8 if array.dtype == bool else array.dtype)[place] = value
    np.save(folder / f"{name}.npy", array)
    write_seal(folder, COUNTS if folder.name == "counts" else MODELS)


@pytest.mark.parametrize(
    ("name", "place", "value", "found"),
    [
        ("counts", 0, 1, "1-grams that do not sum to the number of tokens"),
        ("counts", 5, 1, "1-grams that do not sum to the number of tokens"),  # a
        ("counts", -1, 0, "3-grams that do not sum"),
        ("counts", -1, 2**32 - 1, "3-grams that do not sum"),
        ("suffixes", -1, 10, "3-grams that do not sum to the counts of their suffixes"),
        ("words", 12, 2**31, "not in the vocabulary|out of order"),
        ("begins", 3, 2**32 - 1, "out of order"),
    ],
)
def test_counts_that_no_text_has_are_refused(tmp_path, name, place, value, found):
    save_counts(tmp_path / "counts", count_ngrams(TEXT, order=3, vocabulary_size=SIZE), "abc")
    open_counts(tmp_path / "counts")
    edit(tmp_path / "counts", name, place, value)
    with pytest.raises(InputError, match=found):
        open_counts(tmp_path / "counts")


def test_counts_whose_suffixes_are_exchanged_are_refused(tmp_path):
    counts = count_ngrams(TEXT, order=3, vocabulary_size=SIZE)
    save_counts(tmp_path / "counts", counts, "abc")
    once = np.flatnonzero(counts.of(3) == 1) + counts.trie.firsts[3]  # so that all sums remain equal
    one, other = once[0], next(node for node in once if counts.trie.suffixes[node] != counts.trie.suffixes[once[0]])
    edit(tmp_path / "counts", "suffixes", [one, other], counts.trie.suffixes[[other, one]])
    with pytest.raises(InputError, match="a 3-gram whose suffix is a wrong n-gram"):
        open_counts(tmp_path / "counts")


@pytest.mark.parametrize(
    ("name", "place", "value", "found"),
    [
        ("observed", 4, 2, "a value in observed.npy that is not 0 or 1"),
        ("log_weights.3", 4, 71.0, "too large"),
        ("log_weights.3", 4, np.nan, "too large or NaN"),
        ("log_probs.3", -1, 0.1, "above 1"),
        ("suffixes", -1, 2**32 - 1, "not one word shorter"),
    ],
)
def test_models_that_no_smoother_makes_are_refused(tmp_path, name, place, value, found):
    save_fit(tmp_path / "model", fitted("katz", TEXT, 3), "abc")
    edit(tmp_path / "model", name, place, value)
    open_models(tmp_path / "model")
    with pytest.raises(InputError, match=found):
        open_ngram(tmp_path / "model", 3)


@pytest.mark.parametrize("change", [{"orders": {}}, {"orders": {"03": {}}}, {"firsts": [0, 1]}, {"unseen_weight": 2.0}])
def test_manifests_that_contradict_the_arrays_are_refused(tmp_path, change):
    save_fit(tmp_path / "model", fitted("katz", TEXT, 3), "abc")
    manifest = tmp_path / "model" / "manifest.json"
    write_json(manifest, read_json(manifest) | change)
    write_seal(tmp_path / "model", MODELS)
    with pytest.raises(InputError, match="manifest.json: expected"):
        open_models(tmp_path / "model")
