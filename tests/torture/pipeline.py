"""Kill the whole pipeline repeatedly at random moments; compare its final outputs with an uninterrupted run."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from gradus.params import read_file
from gradus.pipeline.dvc import environment
from gradus.pipeline.overlay import overlay
from tests.narrow import narrow_models
from tests.repositories import IDENTITY

ROOT = Path(__file__).parents[2]
GRADUS = (sys.executable, "-m", "gradus.cli.main")
WAYS = {"dvc repro": (sys.executable, "-m", "dvc", "repro"), "gradus repro": (*GRADUS, "repro", "--jobs", "2")}
KEPT = {"smooth_ngrams": "katz", "train_lm": "lstm", "train_mt": "attention"}
LONGEST = 6.0
"""Maximum time until a kill, in seconds; a stage takes two or three."""


@dataclass
class Tally:
    """Counts of kills and comparisons, and the list of losses."""

    kills: Counter[str] = field(default_factory=Counter)
    """Command and signal -> number of kills."""
    mended: int = 0
    """Number of repairs by `gradus mend`."""
    compared: int = 0
    """Number of comparisons with the uninterrupted run."""
    lost: list[str] = field(default_factory=list)
    """One message per difference or failed run."""

    def lines(self) -> list[str]:
        """Return the counts as lines of a table."""
        rows = [f"{number:5} {kind}" for kind, number in sorted(self.kills.items())]
        return [*rows, f"{self.mended:5} mended locks", f"{self.compared:5} comparisons", f"{len(self.lost):5} losses"]


def torture(kills: int, seed: int) -> Tally:
    """Kill a small pipeline `kills` times; compare its outputs after every run that reaches the end."""
    draw, tally = random.Random(seed), Tally()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background jobs with SIGINT ignored
    with TemporaryDirectory(prefix="torture.") as folder, _cloned(Path(folder) / "clone", draw) as variables:
        clone = Path(folder) / "clone"
        _finish(clone, variables, tally)
        reference, tally.compared = outputs(clone), 0
        while sum(tally.kills.values()) < kills:
            _wipe(clone, variables)
            while sum(tally.kills.values()) < kills and _killed(clone, variables, draw, tally):
                pass
            _finish(clone, variables, tally)
            _compare(reference, outputs(clone), tally)
    return tally


def outputs(clone: Path) -> dict[str, bytes]:
    """Return the bytes of all outputs, and of dvc.lock with sorted keys."""
    places = [clone / name for name in ("data", "models", "metrics")]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    record = json.dumps(yaml.safe_load((clone / "dvc.lock").read_text()), sort_keys=True)
    return {path.relative_to(clone).as_posix(): path.read_bytes() for path in files} | {"dvc.lock": record.encode()}


@contextmanager
def _cloned(clone: Path, draw: random.Random) -> Iterator[dict[str, str]]:
    """Clone the repository with one model per family; yield the environment for commands in the clone."""
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True)
    params: dict[str, Any] = read_file(clone / "params.yaml", dict)
    (clone / "params.yaml").write_text(json.dumps(_small(params)))  # JSON is YAML
    variables = environment() | IDENTITY | {"DVC_SITE_CACHE_DIR": str(clone.parent / "site"), "OMP_NUM_THREADS": "1"}
    variables |= {"PYTHONPATH": str(clone), "PYTHONDONTWRITEBYTECODE": "1"}
    variables.pop("GRADUS_CORPORA", None)
    for arguments in (("rm", "-rq", "--cached", "dvc.lock", "metrics"), ("commit", "-qam", "small")):
        subprocess.run(["git", *arguments], cwd=clone, env=variables, check=True)
    _wipe(clone, variables)
    yield variables


def _small(params: Mapping[str, Any]) -> dict[str, Any]:
    kept = {section: {name: params[section][name]} for section, name in KEPT.items() if section != "smooth_ngrams"}
    changes = {
        "builtin": {"train_lines": 400, "valid_lines": 50, "test_lines": 50},
        "count_ngrams": {"order": 3},
        "smooth_ngrams": dict.fromkeys(params["smooth_ngrams"].keys() - {KEPT["smooth_ngrams"]}),
        "decode": {"lm": {"tokens": 16, "texts": 2}, "mt": {"max_length": 20}},
        "evaluate_lm": {"resamples": 100},
        "evaluate_mt": {"min_pairs": 5},
    }
    return overlay({**params, **narrow_models(kept, epochs=2)}, changes)


def _wipe(clone: Path, variables: Mapping[str, str]) -> None:
    """Remove all results, DVC's cache and the checkpoints."""
    for name in ("data/raw", "data/tokens", "data/generated", "data/translated", ".dvc/cache", ".gradus"):
        shutil.rmtree(clone / name, ignore_errors=True)
    for folder in (clone / "models", clone / "metrics"):
        for path in folder.iterdir():
            if path.is_dir() and path.name not in {"recipes", "studies"}:
                shutil.rmtree(path)
    (clone / "dvc.lock").unlink(missing_ok=True)


def _killed(clone: Path, variables: Mapping[str, str], draw: random.Random, tally: Tally) -> bool:
    """Start a run and kill it at a random moment; return whether it must be started again."""
    way, whom = draw.choice(sorted(WAYS)), draw.choice(["KILL, all", "KILL, parent", "INT, all", "TERM, parent"])
    with (clone.parent / "log").open("w") as log:
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        run = subprocess.Popen(WAYS[way], cwd=clone, env=variables, process_group=0, **streams)  # type: ignore[call-overload]
        try:
            ended = run.wait(timeout=draw.uniform(0.2, LONGEST)) == 0
        except subprocess.TimeoutExpired:
            number = getattr(signal, f"SIG{whom.split(',')[0]}")
            with suppress(ProcessLookupError):
                os.killpg(run.pid, number) if whom.endswith("all") else os.kill(run.pid, number)
            run.wait()
            tally.kills[f"{way}: {whom}"] += 1
            return True
    if not ended:
        _mend(clone, variables, tally)
    return not ended


def _mend(clone: Path, variables: Mapping[str, str], tally: Tally) -> None:
    """Run `gradus mend`, as the error messages tell the user; record any other failure as a loss."""
    said = (clone.parent / "log").read_text()
    if not any(word in said for word in ("gradus mend", "dvc.lock", "RWLock-file", "already running", "busy")):
        tally.lost.append(f"a run failed: {said[-2000:]}")
    subprocess.run([*GRADUS, "mend"], cwd=clone, env=variables, capture_output=True)
    tally.mended += 1
    time.sleep(0.5)


def _finish(clone: Path, variables: Mapping[str, str], tally: Tally) -> None:
    """Mend, then run the pipeline to its end."""
    subprocess.run([*GRADUS, "mend"], cwd=clone, env=variables, capture_output=True)
    done = subprocess.run(WAYS["gradus repro"], cwd=clone, env=variables, capture_output=True, text=True)
    if done.returncode:
        tally.lost.append(f"the run after kills failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _compare(reference: Mapping[str, bytes], found: Mapping[str, bytes], tally: Tally) -> None:
    tally.compared += 1
    for name in sorted({*reference, *found}):
        if reference.get(name) != found.get(name) and not name.endswith(".part"):
            tally.lost.append(f"{name} differs")
