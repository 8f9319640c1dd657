"""Name and features of this machine's processor, from Linux's /proc/cpuinfo."""

import platform
from functools import lru_cache
from pathlib import Path

_NUMBERS = ("cpu family", "model", "stepping")


def processor() -> str:
    """Return the name of the processor."""
    return _cpuinfo().get("model name") or platform.processor() or "unknown"


def processor_model() -> str:
    """Return family, model and stepping of the processor, because virtual machines hide the exact name.

    Outside Linux, the result is an empty string.
    """
    return ", ".join(f"{key} {_cpuinfo()[key]}" for key in _NUMBERS if key in _cpuinfo())


def has_avx2() -> bool:
    """Return whether Linux lists AVX2 among the processor's features."""
    return "avx2" in _cpuinfo().get("flags", "").split()


@lru_cache(maxsize=1)
def _cpuinfo() -> dict[str, str]:
    """Read the first processor's entry in /proc/cpuinfo as a dict."""
    path = Path("/proc/cpuinfo")
    # An empty line ends the entry of a processor; all entries are alike.
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in lines}
