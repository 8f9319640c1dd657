"""Sentence pairs for translation: padded batches, their masks, and batches of sentences of like length."""

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
    """The lines of a text as one flat array: line i is `ids[starts[i]:starts[i + 1]]`, EOS included."""

    ids: NDArray[Any]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of every line, EOS included."""
        return np.diff(self.starts)

    def padded(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the lines `rows`, filled with PAD on the right to the longest: (B, T)."""
        lengths = self.lengths[rows]
        columns = np.arange(lengths.max())
        inside = columns < lengths[:, None]  # (B, T)
        where = np.minimum(self.starts[rows][:, None] + columns, len(self.ids) - 1)
        return np.where(inside, self.ids[where], PAD_ID).astype(np.int64)


@dataclass(frozen=True)
class PairBatch:
    """Some sentence pairs, padded on the right. PAD is never attended to and never counts."""

    src: Tensor
    """Source ids with their EOS, int64 (B, S)."""
    src_lengths: Tensor
    """Source tokens of every row, EOS included, int64 (B,), on the CPU."""
    tgt_in: Tensor
    """What the decoder reads: [BOS, y1, ..., yn], int64 (B, T)."""
    tgt_out: Tensor
    """What it is to say: [y1, ..., yn, EOS], int64 (B, T)."""
    n_tokens: int
    """Target tokens, EOS included, PAD not."""

    def to(self, device: torch.device) -> "PairBatch":
        """Return the batch on a device; the lengths stay on the CPU, where packing wants them."""
        src, tgt_in, tgt_out = (ids.to(device) for ids in (self.src, self.tgt_in, self.tgt_out))
        return PairBatch(src, self.src_lengths, tgt_in, tgt_out, self.n_tokens)


@dataclass(frozen=True)
class Pairs:
    """A parallel text: line i of the source is translated by line i of the target."""

    src: Lines
    tgt: Lines

    def __len__(self) -> int:
        return len(self.src)

    def batch(self, rows: Sequence[int] | NDArray[np.int64]) -> PairBatch:
        """Return the pairs `rows` as one padded batch."""
        chosen = np.asarray(rows, dtype=np.int64)
        tgt_out = torch.from_numpy(self.tgt.padded(chosen))
        tgt_in = torch.roll(tgt_out, 1, dims=1)  # the last column goes first, where BOS takes its place
        tgt_in[:, 0] = BOS_ID
        lengths = self.src.lengths[chosen]
        last = torch.from_numpy(self.tgt.lengths[chosen])[:, None]
        tgt_in = tgt_in.masked_fill(torch.arange(tgt_in.shape[1]) >= last, PAD_ID)  # an EOS is never fed
        return PairBatch(
            src=torch.from_numpy(self.src.padded(chosen)),
            src_lengths=torch.from_numpy(lengths),
            tgt_in=tgt_in,
            tgt_out=tgt_out,
            n_tokens=int(self.tgt.lengths[chosen].sum()),
        )


def read_pairs(folder: Path, split: str) -> Pairs:
    """Memory-map the token ids `SPLIT.src.npy` and `SPLIT.tgt.npy`.

    Raises:
        InputError: if a file is missing, or the sides differ in their number of lines.
    """
    sides = [read_ids(folder, f"{split}.{side}") for side in ("src", "tgt")]
    src, tgt = (Lines(ids, line_starts(ids)) for ids in sides)
    if len(src) != len(tgt) or not len(src):
        raise InputError(
            folder / f"{split}.tgt.npy",
            expected=f"as many lines as {split}.src.npy, and one at least",
            found=f"{len(src)} source and {len(tgt)} target lines",
            remedy="run tokenize again",
        )
    return Pairs(src, tgt)


def bucketed(pairs: Pairs, batch_tokens: int, seed: Sequence[int] | None = None) -> Iterator[NDArray[np.int64]]:
    """Yield rows of batches of like length, every pair once.

    Pairs are sorted by target length, then by source length, and cut where another row would bring
    the rectangle of target tokens, padding included, above `batch_tokens`; a longer sentence is a batch
    of its own. The number of batches is a function of the lengths alone.

    Args:
        pairs: the parallel text.
        batch_tokens: target tokens of a batch, padding included.
        seed: such as (seed, epoch): shuffles pairs of equal lengths among themselves, and then the
            batches. None keeps everything in order of length.
    """
    tgt_lengths, src_lengths = pairs.tgt.lengths, pairs.src.lengths
    generator = np.random.default_rng(seed)
    chance = np.arange(len(pairs)) if seed is None else generator.permutation(len(pairs))
    order = np.lexsort((chance, src_lengths, tgt_lengths))
    batches = np.split(order, _cuts(tgt_lengths[order], batch_tokens))
    turns = range(len(batches)) if seed is None else generator.permutation(len(batches))
    for turn in turns:
        yield batches[turn]


def _cuts(lengths: NDArray[np.int64], batch_tokens: int) -> list[int]:
    """Return where batches begin, the first aside, in ascending lengths."""
    cuts, begin = [], 0
    for row, length in enumerate(lengths.tolist()):
        if row > begin and (row + 1 - begin) * length > batch_tokens:
            cuts.append(row)
            begin = row
    return cuts
