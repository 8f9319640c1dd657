"""Training for the best perplexity in a few minutes, and its curve over time."""

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.lm_networks import example_network, training
from benchmarks.lm_peer import Shape
from benchmarks.processes import flags
from gradus.errors import RunError

NAME = "quick"
"""Name of the network in `train_lm` of the parameter file."""

_SHAPE = Shape(hidden=320, batch=32)
_SCHEDULE = {"schedule": "cosine", "warmup_steps": 100, "epochs": 8, "patience": 8}
QUICK: dict[str, Any] = {
    "network": {**example_network(_SHAPE, "bfloat16")["network"], "layers": 1, "dropout": 0.3},
    "training": training(
        _SHAPE, "bfloat16", optimizer="muon", learning_rate=0.008, weight_decay=0.1, clip=1.0, **_SCHEDULE
    ),
}
"""Entry of `train_lm`: one layer, wider than the example's, trained with Muon."""

_EPOCH = re.compile(r"epoch \d+: .*valid perplexity ([\d.]+)")


def curve(tokens: Path, params: Path, folder: Path) -> list[tuple[float, float]]:
    """Run the stage `train_lm`; return seconds since the start of the process, and validation perplexities.

    Args:
        tokens: folder of token ids.
        params: parameter file with the network `NAME`.
        folder: folder for the model and the checkpoints.
    Raises:
        RunError: if the stage fails.
    """
    options = {"name": NAME, "tokens": tokens, "models": folder / "models", "scratch": folder / "scratch"}
    command = [sys.executable, "-u", "-m", "stages.train_lm", *flags({**options, "params": params})]
    points, output = [], []
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            output.append(line)
            if found := _EPOCH.match(line):
                points.append((round(time.perf_counter() - start, 1), float(found[1])))
    if process.returncode:
        raise RunError(f"train_lm failed: {''.join(output).strip()[-500:]}")
    return points
