"""Time the whole pipeline on the built-in corpus, in a clone that has computed nothing yet.

    python benchmarks/pipeline.py

Writes benchmarks/results/pipeline.json: seconds of the first `gradus repro` and of a second one, which runs no
stage, with the machine. Run it on a machine that does nothing else.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gradus.artifacts import write_json
from gradus.pipeline.dvc import environment, git
from gradus.pipeline.machine import describe_machine, describe_versions

RESULT = Path("benchmarks/results/pipeline.json")


def seconds(clone: Path, jobs: int) -> float:
    """Run the pipeline in a clone and return the seconds that it takes, start-up included."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "gradus.cli.main", "repro", "--jobs", str(jobs)]
    subprocess.run(command, cwd=clone, env=environment(), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main(jobs: int = 2) -> None:
    """Time a first and a second run, and write the result."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "gradus"
        git("clone", "--quiet", ".", str(clone))
        (clone / "dvc.lock").unlink()
        for results in ("lm", "mt", "details", "tables", "plots", "series"):
            shutil.rmtree(clone / "metrics" / results)
        first, second = seconds(clone, jobs), seconds(clone, jobs)
    result = {"commit": git("rev-parse", "HEAD").strip(), "jobs": jobs}
    result |= {"first_run_seconds": round(first, 1), "second_run_seconds": round(second, 1)}
    write_json(RESULT, result | {"machine": describe_machine(), "versions": describe_versions()})
    print(RESULT.read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    main()
