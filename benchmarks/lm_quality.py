"""Training for the best perplexity in a few minutes, and its curve over time."""

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.lm_networks import RECURRENT
from gradus.errors import RunError

NAME = "quick"
"""Name of the network in `train_lm` of the parameter file."""

NETWORK = {"kind": "lstm", **RECURRENT, "embedding": 320, "hidden": 320, "layers": 1, "dropout": 0.3}
TRAINING = {
    **{"batch": 32, "chunk": 35, "carry_state": True, "chunk_jitter": 0.0, "read": "stream"},
    **{"penalties": {"activation": 0.0, "temporal": 0.0}, "optimizer": "muon", "learning_rate": 0.008},
    **{"weight_decay": 0.1, "schedule": "cosine", "warmup_steps": 100, "clip_by": "norm", "clip": 1.0},
    **{"precision": "bfloat16", "average": "none", "epochs": 8, "patience": 8},
}
QUICK: dict[str, Any] = {"network": NETWORK, "training": TRAINING}
"""Entry of `train_lm`: the best of about twenty on the validation text."""

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
    command = [sys.executable, "-u", "-m", "stages.train_lm", "--params", str(params)]
    command += [part for name, value in options.items() for part in (f"--{name}", str(value))]
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
