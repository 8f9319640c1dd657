"""Read sentence pairs for translation, and group pairs of similar length into padded batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradus.errors import InputError
from gradus.text.special import BOS_ID, PAD_ID
from gradus.text.token_ids import line_starts, read_ids


@dataclass(frozen=True)
class Lines:
    """Lines of a text in one flat array: `ids[starts[i]:starts[i + 1]]` is line i with its EOS."""

    ids: NDArray[Any]
    """Token ids of all lines, (n_tokens,)."""
    starts: NDArray[np.int64]
    """Start of every line, and the end of the last line, (n_lines + 1,)."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of tokens in every line, EOS included, (n_lines,)."""
        return np.diff(self.starts)

    def padded(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the lines with the numbers `rows`, padded on the right with PAD: (B, T)."""
        lengths = self.lengths[rows]
        columns = np.arange(lengths.max(initial=0))
        inside = columns < lengths[:, None]  # (B, T)
        where = np.minimum(
            self.starts[rows][:, None] + columns, len(self.ids) - 1
        )  # clipped, because PAD replaces the rest
        return np.where(inside, self.ids[where], PAD_ID).astype(np.int64)


@dataclass(frozen=True)
class PairBatch:
    """Batch of B sentence pairs, padded on the right. Models do not attend to PAD, and losses do not count it."""

    src: Tensor
    """Source token ids with EOS, int64 (B, S)."""
    src_lengths: Tensor
    """Number of source tokens in every row, EOS included, int64 (B,), on the CPU."""
    tgt_in: Tensor
    """Inputs of the decoder: [BOS, y1, ..., yn], int64 (B, T)."""
    tgt_out: Tensor
    """Targets of the decoder: [y1, ..., yn, EOS], int64 (B, T)."""
    n_tokens: int
    """Number of target tokens in the batch, with EOS and without PAD."""

    def to(self, device: torch.device) -> "PairBatch":
        """Copy the batch to a device; keep `src_lengths` on the CPU, as `pack_padded_sequence` requires."""
        src, tgt_in, tgt_out = (ids.to(device) for ids in (self.src, self.tgt_in, self.tgt_out))
        return PairBatch(src, self.src_lengths, tgt_in, tgt_out, self.n_tokens)


@dataclass(frozen=True)
class Pairs:
    """Parallel text: line i of the target translates line i of the source."""

    src: Lines
    tgt: Lines

    def __len__(self) -> int:
        return len(self.src)

    def batch(self, rows: Sequence[int] | NDArray[np.int64]) -> PairBatch:
        """Return the pairs with the numbers `rows` as one padded batch."""
        chosen = np.asarray(rows, dtype=np.int64)
        tgt_out = torch.from_numpy(self.tgt.padded(chosen))
        tgt_in = torch.roll(tgt_out, 1, dims=1)  # the last column moves to the front, where BOS replaces it
        tgt_in[:, 0] = BOS_ID
        lengths = self.src.lengths[chosen]
        last = torch.from_numpy(self.tgt.lengths[chosen])[:, None]
        tgt_in = tgt_in.masked_fill(torch.arange(tgt_in.shape[1]) >= last, PAD_ID)  # the decoder never reads EOS
        return PairBatch(
            src=torch.from_numpy(self.src.padded(chosen)),
            src_lengths=torch.from_numpy(lengths),
            tgt_in=tgt_in,
            tgt_out=tgt_out,
            n_tokens=int(self.tgt.lengths[chosen].sum()),
        )


def read_pairs(folder: Path, split: str) -> Pairs:
    """Memory-map the token ids in `SPLIT.src.npy` and `SPLIT.tgt.npy`.

    Raises:
        InputError: if a file is missing, empty or damaged, or if source and target have different numbers of lines.
    """
    sides = [read_ids(folder, f"{split}.{side}") for side in ("src", "tgt")]
    src, tgt = (Lines(ids, line_starts(ids)) for ids in sides)
    if len(src) != len(tgt) or not len(src):
        raise InputError(
            folder / f"{split}.tgt.npy",
            expected=f"as many lines as in {split}.src.npy, and at least one line",
            found=f"{len(src)} source and {len(tgt)} target lines",
            remedy="run tokenize again",
        )
    return Pairs(src, tgt)


def bucketed(pairs: Pairs, batch_tokens: int, seed: Sequence[int] | None = None) -> Iterator[NDArray[np.int64]]:
    """Group pairs of similar length into batches; yield the row numbers of each batch. Every pair occurs once.

    Pairs are sorted by target length, then by source length. A batch has at most `batch_tokens` target tokens, padding
    included; a sentence that is longer than `batch_tokens` forms a batch alone. The number of batches does not depend
    on `seed`.

    Args:
        pairs: the parallel text.
        batch_tokens: maximum number of target tokens in a batch, padding included.
        seed: seed of the shuffle, such as `(seed, epoch)`. Pairs of equal lengths are shuffled first, and then the
            batches. If None, pairs and batches stay in the order of their lengths.
    """
    tgt_lengths, src_lengths = pairs.tgt.lengths, pairs.src.lengths
    generator = np.random.default_rng(seed)
    tie_breaks = np.arange(len(pairs)) if seed is None else generator.permutation(len(pairs))
    order = np.lexsort((tie_breaks, src_lengths, tgt_lengths))  # the last key is the primary one
    batches = np.split(order, _batch_starts(tgt_lengths[order], batch_tokens))
    batch_order = range(len(batches)) if seed is None else generator.permutation(len(batches))
    for number in batch_order:
        yield batches[number]


def _batch_starts(lengths: NDArray[np.int64], batch_tokens: int) -> list[int]:
    """Return the first row of every batch except the first batch; `lengths` must be ascending."""
    starts, begin = [], 0
    for row, length in enumerate(lengths.tolist()):
        # Lengths ascend, so `length` is the width of the batch and sets its padding.
        if row > begin and (row + 1 - begin) * length > batch_tokens:
            starts.append(row)
            begin = row
    return starts
