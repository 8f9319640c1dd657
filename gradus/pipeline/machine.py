"""The machine and the versions behind a result, without the machine's name."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("torch", "numpy", "numba", "pyarrow", "dvc", "sentencepiece", "sacrebleu")
"""Distributions whose version can move a result."""
_NUMBERS = ("cpu family", "model", "stepping")


def describe_machine() -> dict[str, str | int]:
    """Return the processor, its cores, the memory in GiB and the GPU where there is one.

    Virtual machines hide the processor's name (`AMD EPYC`), so its numbers are told too.
    """
    cpu = _cpuinfo()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")  # bytes
    machine: dict[str, str | int] = {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": cpu.get("model name") or platform.processor() or "unknown",
        "processor_model": ", ".join(f"{key} {cpu[key]}" for key in _NUMBERS if key in cpu),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(memory / 2**30),
    }
    if shutil.which("nvidia-smi"):
        query = ("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
        machine["gpu"] = subprocess.run(query, capture_output=True, text=True).stdout.strip()
    return machine


def describe_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that compute."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def _cpuinfo() -> dict[str, str]:
    """Read what Linux tells of the first processor, in /proc only."""
    path = Path("/proc/cpuinfo")
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in lines}
