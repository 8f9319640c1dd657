"""Prepare the Penn Treebank for the benchmark of language models: for gradus, and for PyTorch's example."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradus.artifacts.json_files import write_json
from gradus.corpora.files import SPLITS
from gradus.errors import RunError
from gradus.params import read_file
from gradus.pipeline.overlay import overlay

PTB = {"acquire": {"lm": {"corpus": "ptb", "language": "en"}}, "tokenize": {"lm": {"kind": "word", "min_count": 1}}}
"""Changes of params.yaml that choose the corpus. Every word is a type, as in the example."""


def write_params(path: Path, params: Path, networks: Mapping[str, Any], threads: int) -> None:
    """Write the parameter file of the benchmark, with native kernels and the Penn Treebank.

    Args:
        path: the new file.
        params: parameter file with all other settings.
        networks: the section `train_lm`.
        threads: number of threads of torch.
    """
    base: dict[str, Any] = read_file(params, dict)
    values = overlay(base, {"numerics": "native", "threads": threads, **PTB})
    write_json(path, {**values, "train_lm": networks})  # every JSON file is a YAML file


def prepare_text(folder: Path, params: Path) -> Path:
    """Run the stages `acquire` and `tokenize`; return the folder of the token ids.

    The files train.txt, valid.txt and test.txt, which PyTorch's example reads, are in `folder/text`.

    Raises:
        RunError: if a stage fails, for example because the corpus can be neither found nor fetched.
    """
    raw, tokens = folder / "raw", folder / "tokens"
    for stage, options in {"acquire": ("--raw", raw), "tokenize": ("--raw", raw, "--tokens", tokens)}.items():
        command = [sys.executable, "-m", f"stages.{stage}", "--name", "lm", "--params", params, *options]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode:
            raise RunError(f"{stage} failed: {done.stderr.strip()}")
    (folder / "text").mkdir()
    for split in SPLITS:
        shutil.copy(raw / "lm" / f"{split}.txt", folder / "text" / f"{split}.txt")
    return tokens / "lm"
