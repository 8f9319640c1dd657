"""Readers of text and of ARPA files."""

import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np

from gradus.corpora.files import SPLITS, read_blocks, read_lines
from gradus.corpora.own import read_own
from gradus.evaluation.cross_entropy import make_score, tally
from gradus.ngram.arpa.reader import ArpaModel, read_arpa
from gradus.ngram.arpa.writer import write_arpa
from tests.fuzz import reference
from tests.fuzz.runner import Target
from tests.fuzz.samples import made, require

TEXT = "the cat sat on\n\nä\u2028b\u0085c\x0cd\x0be\x1cf 😀  g\t h\nthe dog </s> sat\n"


def _make_text(folder: Path) -> None:
    (folder / "text.txt").write_bytes(TEXT.encode())
    own = made(folder / "own")
    for split in SPLITS:
        (own / f"{split}.src").write_bytes(b"a b\nc\nd e f\n")
        (own / f"{split}.tgt").write_bytes(b"A B\nC\nD E F\n")


def _read_text(folder: Path) -> object:
    lines = read_lines(folder / "text.txt")
    _require_lines(lines, (folder / "text.txt").read_bytes())
    require(b"".join(read_blocks(folder / "text.txt", size=5)).decode() == "\n".join([*lines, ""]), "other blocks")
    splits = read_own(folder / "own", ("src", "tgt"), str).splits
    for src, tgt in splits.values():
        require(len(src) == len(tgt) and all(line.strip() for line in (*src, *tgt)), "sides that do not fit")
    return lines, splits


def _require_lines(lines: list[str], content: bytes) -> None:
    require(lines == content.decode().removesuffix("\n").split("\n"), "other lines than those of the file")
    require(bool(content) and not {0, 13} & set(content) and content[:3] != b"\xef\xbb\xbf", "what is to be refused")


def _make_gzip(folder: Path) -> None:
    (folder / "text").write_bytes(TEXT.encode() * 20)
    _compress(folder)


def _compress(folder: Path) -> None:
    if (folder / "text").is_file() and not (folder / "text").is_symlink() and not (folder / "text.gz").is_dir():
        (folder / "text.gz").unlink(missing_ok=True)
        (folder / "text.gz").write_bytes(gzip.compress((folder / "text").read_bytes(), mtime=0))


def _read_gzip(folder: Path) -> object:
    lines = read_lines(folder / "text.gz")
    _require_lines(lines, gzip.decompress((folder / "text.gz").read_bytes()))
    return lines


ARPA = """\\data\\
ngram 1=6
ngram 2=4
ngram 3=2

\\1-grams:
-2\t<unk>
-99\t<s>\t-0.5
-1\t</s>
-0.5\ta\t-0.25
-1\tb\t-0.125
-1.5\tc

\\2-grams:
-0.25\t<s> a\t-0.5
-0.5\ta b\t-1
-0.75\tb a\t0
-1.25\ta <unk>

\\3-grams:
-0.125\t<s> a b
-0.25\ta b c

\\end\\
"""


SCORED = [["a", "b", "c"], ["b", "a"], [], ["zebra", "a", "b", "a"], ["a", "zebra"]]


def _make_arpa(folder: Path) -> None:
    (folder / "one.arpa").write_text(ARPA)
    arpa = read_arpa(folder / "one.arpa")
    write_arpa(folder / "two.arpa.gz", arpa.model, arpa.pieces)


def _read_arpa(folder: Path) -> object:
    return [_read_one_arpa(folder / name) for name in ("one.arpa", "two.arpa.gz")]


def _read_one_arpa(path: Path) -> object:
    arpa = read_arpa(path)
    found = _log10(arpa)
    content = path.read_bytes()
    slow = reference.read(
        (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode(errors="replace")
    )
    expected = [reference.score(slow, line, arpa.model.order) for line in SCORED]
    same = np.isclose(np.concatenate(found), np.concatenate(expected), rtol=1e-5, atol=1e-5)
    require(bool(same.all()), f"other scores: {found} for {expected}")
    make_score(tally(-np.concatenate(found)))
    return found


def _log10(arpa: ArpaModel) -> list[Any]:
    ids = {piece: number for number, piece in enumerate(arpa.pieces) if number > 3}
    lines = [np.array([*(ids.get(word, 1) for word in line), 3]) for line in SCORED]
    return [arpa.model.log_probs(line) / math.log(10) for line in lines]


TARGETS = {
    "text": Target(_make_text, _read_text, guarded=False, cases=400),
    "gzip": Target(_make_gzip, _read_gzip, _compress, guarded=False, cases=300),
    "arpa": Target(_make_arpa, _read_arpa, guarded=False),
}
