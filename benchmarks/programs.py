"""Programs that the n-gram benchmarks run, and helpers that they share."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.processes import Run, measure
from gradus.artifacts.json_files import json_with, write_json
from gradus.artifacts.places import new_file
from gradus.corpora.files import read_lines
from gradus.families.language_models import open_folder
from gradus.families.ngrams import NgramFolder
from gradus.families.tokenizers import load_model_tokenizer
from gradus.ngram.scoring.model import NgramModel
from gradus.pipeline.machine import describe_machine, describe_versions
from gradus.text.special import UNK
from gradus.text.tokenizers.tokenizer import Tokenizer

RESULTS = Path("benchmarks/results")

GRADUS = (sys.executable, "-m", "gradus.cli.main")  # the code of this tree, whatever is on the PATH

UNK_WORD = "unknownword"
"""Replaces a literal <unk> in the text of both programs, because lmplz refuses <unk>."""

Train = Annotated[Path, typer.Argument(help="Text to build models of, one sentence a line.")]
Runs = Annotated[int, typer.Option(min=1, help="Runs of every program; medians are compared.")]


def without_unk(path: Path, copy: Path) -> Path:
    """Write a copy that both programs read alike: <unk> as an ordinary word, one ASCII space between words."""
    lines = (" ".join(line.split()).replace(UNK, UNK_WORD) for line in read_lines(path))
    copy.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return copy


def has_kenlm() -> bool:
    """Return whether the programs of KenLM are on the PATH."""
    return all(shutil.which(program) for program in ("lmplz", "build_binary", "query"))


def mib(path: Path) -> float:
    """Return the size of a file, or of all files of a folder, in MiB."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return round(sum(file.stat().st_size for file in files) / 2**20, 3)


def write_result(name: str, result: Mapping[str, Any]) -> None:
    """Write benchmarks/results/NAME.json, with descriptions of the machine and the versions."""
    environment = {"machine": describe_machine(), "versions": describe_versions()}
    with new_file(RESULTS / f"{name}.json", json_with("machine", "versions")) as part:
        write_json(part, {**environment, **result})


def open_model(folder: Path) -> tuple[NgramModel, Tokenizer]:
    """Open the n-gram model of a folder, and its tokenizer."""
    opened = open_folder(folder)
    if not isinstance(opened, NgramFolder):
        raise TypeError(f"{folder} is not an n-gram model")
    return opened.model(), load_model_tokenizer(opened, folder)


def build_ours(text: Path, model: Path, order: int, *options: str | Path) -> Run:
    """Run `gradus ngram build`."""
    return measure([*GRADUS, "ngram", "build", text, model, "--force", "--order", str(order), *options])


def build_arpa(text: Path, arpa: Path, order: int, *options: str) -> Run:
    """Run `lmplz`; its working files are written beside its ARPA file."""
    return measure(["lmplz", "-o", str(order), "-T", arpa.parent, *options], stdin=text, stdout=arpa)
