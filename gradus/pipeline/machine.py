"""Describe the hardware and the package versions that are recorded with a result.

The name of the machine is not recorded.
"""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version

from gradus.processor import processor, processor_model

PACKAGES = ("torch", "numpy", "numba", "pyarrow", "dvc", "sentencepiece", "sacrebleu")
"""Packages whose versions are recorded."""


def describe_machine() -> dict[str, str | int]:
    """Return the system, the processor, its number of cores, the memory in GiB, and the GPU if there is one.

    `processor_model` holds the family, model and stepping numbers of the processor, because virtual machines report
    a short name, such as `AMD EPYC`, for several models.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")  # bytes
    machine: dict[str, str | int] = {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "processor_model": processor_model(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(memory / 2**30),
    }
    if shutil.which("nvidia-smi"):  # without importing torch, which takes a second
        query = ("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
        machine["gpu"] = subprocess.run(query, capture_output=True, text=True).stdout.strip()
    return machine


def describe_versions() -> dict[str, str]:
    """Return the versions of Python and of `PACKAGES`."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
