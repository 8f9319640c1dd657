import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gradus.artifacts.json_files import write_json
from gradus.errors import InputError
from gradus.text.pairs import Lines, Pairs, bucketed, read_pairs
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID
from gradus.text.token_ids import line_starts, write_ids


def lines(*rows):
    ids = np.concatenate([[*row, EOS_ID] for row in rows]).astype(np.uint8)
    return Lines(ids, line_starts(ids))


def pairs_of(lengths):
    return Pairs(*(lines(*([7] * (length - 1) for length in side)) for side in zip(*lengths, strict=True)))


def test_a_batch_shifts_the_target_and_pads_on_the_right():
    pairs = Pairs(lines([5, 6], [7], [8, 8, 8]), lines([11], [12, 13, 14], [15]))
    batch = pairs.batch([0, 1])
    assert batch.src.tolist() == [[5, 6, EOS_ID], [7, EOS_ID, PAD_ID]]
    assert batch.src_lengths.tolist() == [3, 2]
    assert batch.tgt_in.tolist() == [[BOS_ID, 11, PAD_ID, PAD_ID], [BOS_ID, 12, 13, 14]]
    assert batch.tgt_out.tolist() == [[11, EOS_ID, PAD_ID, PAD_ID], [12, 13, 14, EOS_ID]]
    assert batch.n_tokens == 6
    assert batch.tgt_out.dtype == torch.int64


pair_lengths = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=40)


@given(pair_lengths, st.integers(1, 40), st.none() | st.tuples(st.integers(0, 3), st.integers(0, 3)))
def test_batches_hold_every_pair_once_and_stay_below_the_token_limit(lengths, batch_tokens, seed):
    pairs = pairs_of(lengths)
    batches = list(bucketed(pairs, batch_tokens, seed))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    for rows in batches:
        longest = max(lengths[row][1] for row in rows)
        assert len(rows) * longest <= batch_tokens or len(rows) == 1


@given(pair_lengths, st.integers(1, 40))
def test_the_number_of_batches_does_not_depend_on_the_shuffle(lengths, batch_tokens):
    pairs = pairs_of(lengths)
    counts = {len(list(bucketed(pairs, batch_tokens, seed))) for seed in [None, (1, 0), (1, 1), (2, 0)]}
    assert len(counts) == 1


def test_shuffles_differ_by_epoch_and_repeat_by_seed():
    pairs = pairs_of([(length, length) for length in range(1, 9)] * 8)
    orders = {seed: [rows.tolist() for rows in bucketed(pairs, 12, seed)] for seed in [(1, 0), (1, 1)]}
    assert orders[1, 0] != orders[1, 1]
    assert orders[1, 0] == [rows.tolist() for rows in bucketed(pairs, 12, (1, 0))]


def test_batches_have_sentences_of_equal_length():
    pairs = pairs_of([(2, 2), (9, 9)] * 6)
    targets = [set(pairs.tgt.lengths[rows].tolist()) for rows in bucketed(pairs, 18, (1, 0))]
    assert all(len(lengths) == 1 for lengths in targets)  # two rows of 9 tokens, or six of 2
    assert len(targets) == 4  # six short rows in one batch, six long rows in three


def test_sides_with_different_numbers_of_lines_are_refused(tmp_path):
    write_json(tmp_path / "manifest.json", {"tokenizer": {"kind": "word", "size": 10, "sha256": "ab"}})
    write_ids(tmp_path, "valid.src", lines([5], [6]).ids, 10)
    write_ids(tmp_path, "valid.tgt", lines([5]).ids, 10)
    with pytest.raises(InputError, match="2 source and 1 target lines"):
        read_pairs(tmp_path, "valid")


def test_pairs_are_read_from_token_ids(tmp_path):
    write_json(tmp_path / "manifest.json", {"tokenizer": {"kind": "word", "size": 10, "sha256": "ab"}})
    write_ids(tmp_path, "train.src", lines([5], [6, 7]).ids, 10)
    write_ids(tmp_path, "train.tgt", lines([8], [9]).ids, 10)
    pairs = read_pairs(tmp_path, "train")
    assert len(pairs) == 2
    assert pairs.src.padded(np.array([1])).tolist() == [[6, 7, EOS_ID]]
