"""Clones of this repository in which the pipeline runs, every stage and architecture at a tiny size."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc.utils.hydra import apply_overrides

from gradus.params import read_file
from gradus.pipeline.dvc import environment
from gradus.pipeline.overlay import overlay, overrides
from tests.narrow import narrow_models
from tests.repositories import IDENTITY

SMOOTHERS = ("mle", "katz", "modified_kneser_ney")
RESULTS = "tiny results"


@dataclass(frozen=True)
class Clone:
    """A clone of the repository, and the environment in which its commands run."""

    path: Path
    variables: Mapping[str, str]

    def run(self, *command: str, code: int = 0) -> str:
        """Run a command, expect its exit code, and return what it prints, errors among it."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        done = subprocess.run(command, cwd=self.path, env=self.variables, **streams)  # type: ignore[call-overload]
        assert done.returncode == code, done.stdout
        return str(done.stdout)

    def dvc(self, *arguments: str, code: int = 0) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments, code=code)

    def gradus(self, *arguments: str, code: int = 0) -> str:
        return self.run(sys.executable, "-m", "gradus.cli.main", *arguments, code=code)

    def commit(self, message: str) -> None:
        self.run("git", "commit", "--quiet", "--all", "--message", message)

    def cloned(self, path: Path) -> "Clone":
        self.run("git", "clone", "--quiet", "--no-hardlinks", str(self.path), str(path))
        return Clone(path, self.variables)


def tiny(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with a small corpus, three smoothers, and every model narrow and trained for one epoch."""
    models = narrow_models({section: params[section] for section in ("train_lm", "train_mt")})
    changes = {
        "builtin": {"train_lines": 400, "valid_lines": 50, "test_lines": 50},
        "tokenize": {"mt": {"kind": "bpe", "size": 300, "joint": True}},
        "count_ngrams": {"order": 3},
        "smooth_ngrams": dict.fromkeys(params["smooth_ngrams"].keys() - set(SMOOTHERS)),
        "decode": {"lm": {"tokens": 16, "texts": 2}, "mt": {"max_length": 20}},
        "evaluate_lm": {"resamples": 100},
        "evaluate_mt": {"min_pairs": 5},
    }
    return overlay({**params, **models}, changes)


def set_params(clone: Clone, change: Mapping[str, Any]) -> None:
    path = clone.path / "params.yaml"
    apply_overrides(path, list(overrides(read_file(path, dict), change)))


def stages_run(output: str) -> set[str]:
    return set(re.findall(r"Running stage '(.+?)'", output))


def run_clone(root: Path) -> Clone:
    """Clone this repository, make its parameters tiny, run the pipeline, two stages at a time, and commit."""
    site = {"DVC_SITE_CACHE_DIR": str(root / "site")}
    variables = environment() | IDENTITY | site | {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    variables.pop("GRADUS_CORPORA", None)
    made = Clone(Path.cwd(), variables).cloned(root / "first")
    set_params(made, tiny(read_file(made.path / "params.yaml", dict)))
    made.gradus("repro", "--jobs", "2")
    made.run("git", "add", "--all")
    made.commit(RESULTS)
    return made
