"""Prepare texts for the n-gram benchmarks, run gradus and `lmplz`, and write the results."""

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

GRADUS = (sys.executable, "-m", "gradus.cli.main")  # not `gradus` of the PATH, which may be another version

UNK_WORD = "unknownword"
"""Word that replaces `<unk>` in the texts for gradus and KenLM, because `lmplz` refuses texts that contain `<unk>`."""

Train = Annotated[Path, typer.Argument(help="Training text, one sentence per line.")]
Runs = Annotated[
    int, typer.Option(min=1, help="Number of runs of every program. The results are medians of these runs.")
]


def without_unk(path: Path, copy: Path) -> Path:
    """Copy a text; replace `<unk>` by an ordinary word, and all white space between words by one ASCII space."""
    # the programs differ in how they read <unk> and rare kinds of white space
    lines = (" ".join(line.split()).replace(UNK, UNK_WORD) for line in read_lines(path))
    copy.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return copy


def has_kenlm() -> bool:
    """Return whether the programs `lmplz`, `build_binary` and `query` of KenLM are on the PATH."""
    return all(shutil.which(program) for program in ("lmplz", "build_binary", "query"))


def mib(path: Path) -> float:
    """Return the size of a file, or the total size of all files in a folder, in MiB."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return round(sum(file.stat().st_size for file in files) / 2**20, 3)


def write_result(name: str, result: Mapping[str, Any]) -> None:
    """Write a result to `benchmarks/results/NAME.json`, with a description of the machine and of software versions."""
    environment = {"machine": describe_machine(), "versions": describe_versions()}
    with new_file(RESULTS / f"{name}.json", json_with("machine", "versions")) as part:
        write_json(part, {**environment, **result})


def open_model(folder: Path) -> tuple[NgramModel, Tokenizer]:
    """Open the n-gram model and the tokenizer in a folder."""
    opened = open_folder(folder)
    if not isinstance(opened, NgramFolder):
        raise TypeError(f"{folder} is not an n-gram model")
    return opened.model(), load_model_tokenizer(opened)


def build_ours(text: Path, model: Path, order: int, *options: str | Path) -> Run:
    """Run `gradus ngram build`; return its time and memory."""
    return measure([*GRADUS, "ngram", "build", text, model, "--force", "--order", str(order), *options])


def build_arpa(text: Path, arpa: Path, order: int, *options: str) -> Run:
    """Run `lmplz`; return its time and memory. Its temporary files are in the folder of the ARPA file."""
    return measure(["lmplz", "-o", str(order), "-T", arpa.parent, *options], stdin=text, stdout=arpa)
