"""Measure the memory that the training of a language model needs, in a fresh process."""

import json
import resource
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.processes import measure
from benchmarks.training_steps import train_steps
from gradus.networks.language_models.ffnn import FFNNConfig
from gradus.runtime import RuntimeConfig
from stages.train_lm import TrainLMConfig

STEPS, EPOCHS = 3, 2
"""Number of steps per epoch, and number of epochs. Memory is largest after the first step, which creates the state of
the optimizer, and after the first epoch, which copies the best weights."""


def training_memory(config: TrainLMConfig, tokens: Path, runtime: RuntimeConfig) -> dict[str, Any]:
    """Train a network for a few steps in this process, which must be fresh; measure its peak memory.

    A training of a tiny network comes first. The memory that it needed, for the program, its libraries and the text, is
    subtracted.

    Returns:
        Dict from `parameters` to the number of weights, from `peak_mib` to the peak memory of the training alone, and
        from `process_mib` to the peak memory of the whole process.
    """
    tiny = FFNNConfig(kind="ffnn", window=1, embedding=2, hidden=2, dropout=0.0, tied=False)
    small = TrainLMConfig(network=tiny, training=replace(config.training, batch=2, chunk=2))
    train_steps(small, tokens, runtime, STEPS, epochs=EPOCHS)
    before = peak_mib()
    parameters = train_steps(config, tokens, runtime, STEPS, epochs=EPOCHS)
    after = peak_mib()
    return {"parameters": parameters, "peak_mib": round(after - before, 1), "process_mib": round(after, 1)}


def peak_mib() -> float:
    """Return the peak resident memory of this process so far, in MiB."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # in bytes on macOS
    # On Linux, `ru_maxrss` includes the peak of the process that started this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def memory_in_child(name: str, tokens: Path, params: Path) -> dict[str, Any]:
    """Return the result of `training_memory` for a network of a parameter file, measured in a new process."""
    command = [sys.executable, "-m", "benchmarks.training", "memory", name]
    output = measure([*command, "--tokens", tokens, "--params", params]).output
    values: dict[str, Any] = json.loads(output.splitlines()[-1])
    return values
