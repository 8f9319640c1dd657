"""Stages in processes of their own, which a test can kill."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def start_stage(stage: str, *options: str, stderr: int | None = None) -> subprocess.Popen[str]:
    """Start a stage in the current folder; its standard output is a pipe.

    Args:
        stage: name of the module in `stages`.
        options: options of its command.
        stderr: where standard error goes, as for `subprocess.Popen`.
    """
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-u", "-m", f"stages.{stage}", *options]
    variables = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=variables)
