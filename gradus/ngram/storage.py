"""Write and read the common parts of n-gram folders: the arrays of a trie, and the header of the manifest.

Folders of counts and folders of models both contain these parts. The header is the common part of their manifests.

Each array is one file, which is memory-mapped for reading. The functions check the structure of all arrays, because
compiled kernels do not check array bounds.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.arrays import read_array, write_array
from gradus.artifacts.json_files import read_json
from gradus.errors import InputError
from gradus.ngram.structure import trie_problem
from gradus.ngram.trie import MOST_NODES, Trie
from gradus.text.special import SPECIAL

FORMAT = 3
"""Version of the format. Folders of other versions are refused."""

REMEDY = "make the folder again (`dvc repro` or `gradus ngram build`)"

MOST_ORDER = 2**16
"""Maximum order of a trie. A hostile manifest could claim billions of orders, and every order takes time to check."""

MANIFEST = "manifest.json"
_TRIE = ("words", "begins", "suffixes")


@dataclass(frozen=True)
class Header:
    """Checked values that the manifests of counts and of models both contain."""

    kind: str
    vocabulary_size: int
    tokenizer_sha256: str
    firsts: tuple[int, ...]
    orders: tuple[int, ...]
    unseen_weight: float


def header_of(kind: str, trie: Trie, tokenizer_sha256: str) -> dict[str, Any]:
    """Return the keys and values that the manifests of counts and of models both contain."""
    return {
        "kind": kind,
        "format": FORMAT,
        "vocabulary_size": trie.vocabulary_size,
        "tokenizer_sha256": tokenizer_sha256,
        "firsts": list(trie.firsts),
    }


def read_header(folder: Path) -> Header:
    """Read and check the manifest of counts or models.

    Raises:
        InputError: if the manifest has another format, or its values contradict each other.
    """
    manifest = read_json(folder / MANIFEST)
    if manifest.get("format") != FORMAT:
        raise InputError(
            folder / MANIFEST, expected=f"format {FORMAT}", found=f"format {manifest.get('format')!r}", remedy=REMEDY
        )
    try:
        return _parse_header(manifest)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            folder / MANIFEST, expected="the manifest of n-gram counts or models", found=str(error), remedy=REMEDY
        ) from None


def _parse_header(manifest: dict[str, Any]) -> Header:
    """Check the values of a manifest. A wrong value raises ValueError, TypeError, KeyError or AttributeError."""
    size, firsts, weight = manifest["vocabulary_size"], manifest["firsts"], manifest.get("unseen_weight", 1.0)
    # `type`, because isinstance(True, int) holds
    if not all(type(number) is int for number in (size, *firsts)) or not isinstance(weight, int | float):
        raise ValueError("a size or weight that is not a number")
    # order 0 has one node, the root, and order 1 has one for every id
    if firsts[:3] != [0, 1, 1 + size] or size < len(SPECIAL) or firsts[-1] > MOST_NODES:
        raise ValueError("sizes that contradict each other")
    if any(begin > end for begin, end in pairwise(firsts)) or not 0 <= weight <= 1:
        raise ValueError("numbers that are out of order or out of range")
    orders = [order for order in range(1, len(firsts) - 1) if str(order) in manifest["orders"]]
    # keys must be decimal numbers without leading zeros, because later code finds them by str(order)
    if len(firsts) > MOST_ORDER + 2 or not orders or set(map(str, orders)) != set(manifest["orders"]):
        raise ValueError("keys of 'orders' that are not orders of the n-grams")
    if not all(isinstance(sizes, dict) and sizes["entries"] >= 0 for sizes in manifest["orders"].values()):
        raise ValueError("an order without its number of entries")
    kind, sha256 = manifest["kind"], manifest["tokenizer_sha256"]
    if not isinstance(kind, str) or not isinstance(sha256, str):
        raise ValueError("a value of 'kind' or 'tokenizer_sha256' that is not text")
    return Header(kind, size, sha256, tuple(firsts), tuple(orders), float(weight))


def write_trie(folder: Path, trie: Trie) -> None:
    """Write the arrays of a trie."""
    for name in _TRIE:
        write_array(folder / f"{name}.npy", getattr(trie, name))


def open_trie(folder: Path, header: Header) -> Trie:
    """Memory-map the arrays of a trie.

    Raises:
        InputError: if an array is missing, or the arrays do not form a trie.
    """
    # `begins` has a value for every node of orders 0 to N - 1, and one value more for the end
    sizes = (header.firsts[-1], header.firsts[-2] + 1, header.firsts[-1])
    arrays = (open_values(folder, name, size, np.uint32) for name, size in zip(_TRIE, sizes, strict=True))
    trie = Trie(header.vocabulary_size, header.firsts, *arrays)
    require_sound(folder, trie_problem(trie))
    return trie


def trie_bytes(trie: Trie) -> int:
    """Return the total size of a trie's arrays, in bytes."""
    return sum(int(getattr(trie, name).nbytes) for name in _TRIE)


def open_values(folder: Path, name: str, size: int, dtype: type[np.generic]) -> NDArray[Any]:
    """Memory-map the array NAME.npy; require `size` values, because compiled kernels do not check bounds."""
    array = read_array(folder / f"{name}.npy", dtype)
    require_sound(folder, None if len(array) == size else f"{len(array)} values in {name}.npy instead of {size}")
    return array


def require_sound(folder: Path, problem: str | None) -> None:
    """Raise InputError if `problem` describes an error in the arrays of a folder; do nothing if it is None."""
    if problem:
        raise InputError(folder, expected="consistent arrays of n-grams", found=problem, remedy=REMEDY)
