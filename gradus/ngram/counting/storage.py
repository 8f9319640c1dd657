"""Write n-gram counts to a folder, and open such a folder."""

from pathlib import Path

import numpy as np

from gradus.artifacts.arrays import write_array
from gradus.artifacts.json_files import write_json
from gradus.artifacts.seals import open_sealed
from gradus.ngram.counting.counts import Counts
from gradus.ngram.counting.structure import counts_problem
from gradus.ngram.storage import (
    MANIFEST,
    REMEDY,
    header_of,
    open_trie,
    open_values,
    read_header,
    require_sound,
    trie_bytes,
    write_trie,
)

COUNTS = "n-gram counts"
"""Kind of folder, as named in the folder's seal (the file that lists hashes)."""


def write_counts(folder: Path, counts: Counts, tokenizer_sha256: str) -> None:
    """Write counts and a manifest.

    For every order, the manifest contains the number of its distinct n-grams, and the number of bytes that they occupy.
    """
    write_trie(folder, counts.trie)
    write_array(folder / "counts.npy", counts.counts)
    # the size of an order is the number of bytes that it adds to the trie of all lower orders
    sizes = [trie_bytes(counts.trie.up_to(n)) for n in range(1, counts.order + 1)]
    orders = {
        str(n): {"entries": int(np.count_nonzero(counts.of(n))), "bytes": after - before + counts.of(n).nbytes}
        for n, before, after in zip(range(1, counts.order + 1), [0, *sizes], sizes, strict=False)
    }
    write_json(folder / MANIFEST, {**header_of("counts", counts.trie, tokenizer_sha256), "orders": orders})


def open_counts(folder: Path) -> Counts:
    """Memory-map the counts that `write_counts` wrote.

    Raises:
        InputError: if the folder has another format, or a file changed after the folder was written.
    """
    open_sealed(folder, COUNTS, remedy=REMEDY)
    trie = open_trie(folder, read_header(folder))
    counts = open_values(folder, "counts", trie.size, np.uint32)
    require_sound(folder, counts_problem(trie, counts))
    return Counts(trie, counts)


def tokenizer_of(folder: Path) -> str:
    """Return the SHA-256 of the tokenizer whose token ids were counted, from the manifest of the counts."""
    return read_header(folder).tokenizer_sha256
