"""What the benchmarks of n-grams run, and what they share."""

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from gradus.corpora.files import read_lines
from gradus.families import NgramFolder, open_folder
from gradus.ngram.model import NgramModel
from gradus.text.special import UNK

RESULTS = Path("benchmarks/results")

GRADUS = (sys.executable, "-m", "gradus.cli.main")

UNK_WORD = "unknownword"
"""Stands for a literal <unk> in both programs' text, for lmplz refuses it."""

Train = Annotated[Path, typer.Argument(help="Text to build models of, one sentence a line.")]
Runs = Annotated[int, typer.Option(min=1, help="Times that every program runs; medians are compared.")]


def without_unk(path: Path, copy: Path) -> Path:
    """Write the lines that both programs read: <unk> as a word, words one ASCII space apart."""
    lines = (" ".join(line.split()).replace(UNK, UNK_WORD) for line in read_lines(path))
    copy.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return copy


def has_kenlm() -> bool:
    """Say whether KenLM's programs are on the PATH."""
    return all(shutil.which(program) for program in ("lmplz", "build_binary", "query"))


def mib(path: Path) -> float:
    """Return the size of a file, or of a folder's files, MiB."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return round(sum(file.stat().st_size for file in files) / 2**20, 1)


def open_model(folder: Path) -> NgramModel:
    """Memory-map the n-gram model of a folder."""
    opened = open_folder(folder)
    if not isinstance(opened, NgramFolder):
        raise TypeError(f"{folder} holds no n-gram model")
    return opened.model(opened.orders[-1])
