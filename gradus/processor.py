"""The name of the processor that this process runs on."""

import platform
from pathlib import Path


def processor() -> str:
    """Return the processor's model name, which Linux tells in /proc only."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
