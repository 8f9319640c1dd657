"""Measure the free memory; before anything is allocated, refuse sizes that need more than the free memory."""

import os
import re
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from gradus.errors import InputError

Needed = Callable[..., int]
"""Function from sizes to a lower bound of the needed bytes. The bound must not decrease if a size grows."""

VOCABULARY = "vocabulary"
"""Name of the size of a tokenizer's vocabulary in errors."""

_PAGE = os.sysconf("SC_PAGE_SIZE")


def available_memory(system: Path = Path("/")) -> int:
    """Return the number of bytes that this process can still allocate.

    Three limits apply, and the smallest decides: the free memory of the machine, the memory limits of the process's
    control groups (containers), and the limit of the process itself (ulimit -v).

    Args:
        system: folder that contains the folders `proc` and `sys`; tests pass another folder.
    """
    return max(0, min(_machine(system), _size_limit(system), *_group_limits(system)))


def require_memory(asked: Mapping[str, int], needed: Needed, available: int | None = None) -> None:
    """Refuse sizes that need more memory than is free.

    Args:
        asked: dict from the name of a parameter to its size, which is at least 1; the most likely cause comes first.
        needed: function that estimates the needed bytes from the sizes, in the order of `asked`. The estimate
            may be too low, but never too high, because a high estimate would refuse sizes that fit.
        available: number of free bytes; None stands for `available_memory()`.
    Raises:
        InputError: if the sizes need more memory. The error names the first parameter for which a lower value suffices,
            and the largest such value.
    """
    available = available_memory() if available is None else available
    sizes = list(asked.values())
    if (bytes_needed := needed(*sizes)) <= available:
        return
    free, need = f"{in_units(available)} of free memory", in_units(bytes_needed)
    for place, (name, size) in enumerate(asked.items()):
        largest = _largest(partial(_fits, needed, available, sizes, place), size)
        if largest:
            expected, found = f"at most {largest}, for {free}", f"{size}, which needs {need}"
            raise InputError(name, expected=expected, found=found, remedy="lower it")
    names = ", ".join(f"{name} {size}" for name, size in asked.items())
    raise InputError(
        names,
        expected=f"sizes for {free}",
        found=f"sizes that need {need}",
        remedy="lower several of these sizes",
    )


def in_units(size: float) -> str:
    """Format a number of bytes with a unit, such as 1.5 GB."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.0f} PB"


def _fits(needed: Needed, available: int, sizes: list[int], place: int, size: int) -> bool:
    """Say whether the sizes fit into memory if the size at index `place` is replaced by `size`."""
    return needed(*sizes[:place], size, *sizes[place + 1 :]) <= available


def _largest(fits: Callable[[int], bool], above: int) -> int:
    """Return the largest value below `above` that fits, or 0 if no value fits.

    Bisection is correct because every value below a fitting value fits too.
    """
    low, high = 0, above  # invariant: `low` fits or is 0, and `high` does not fit
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _machine(system: Path) -> int:
    """Return the free memory and swap of the machine in bytes; if /proc/meminfo is missing, return the total memory."""
    found = re.findall(r"(?m)^(?:MemAvailable|SwapFree):\s+(\d+) kB", _read(system / "proc/meminfo"))
    return sum(map(int, found)) * 1024 if found else os.sysconf("SC_PHYS_PAGES") * _PAGE


def _size_limit(system: Path) -> int:
    """Return how many more bytes this process may use before it reaches the limit that `ulimit -v` sets."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    used = re.match(r"\d+", _read(system / "proc/self/statm"))  # the virtual size, which RLIMIT_AS limits
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit - (int(used[0]) * _PAGE if used else 0)


def _group_limits(system: Path) -> Iterator[int]:
    """Yield how many more bytes each control group of the process permits; parent groups are included.

    The kernel counts cached files as used memory. This function counts cached files as free memory, because the kernel
    drops cached files when a process needs memory.
    """
    top = system / "sys/fs/cgroup"
    for number, controllers, path in re.findall(r"(?m)^(\d+):(.*?):(.*)$", _read(system / "proc/self/cgroup")):
        if number == "0":
            roots, names = [top, top / "unified"], ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            roots, names = [top / "memory"], ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        for root in roots:
            group = root / path.lstrip("/")
            # In a container the path may be the host's, while the root is the container's: try every parent.
            for folder in [group, *group.parents]:
                yield from _remaining(folder, *names)
                if folder == root:
                    break


def _remaining(folder: Path, limit_name: str, used_name: str, cached_name: str) -> Iterator[int]:
    """Yield how many more bytes the limit of one control group permits; yield nothing if the group has no limit."""
    limit, used = _read(folder / limit_name).strip(), _read(folder / used_name).strip()
    if limit.isdecimal() and used.isdecimal():  # the text "max" stands for no limit
        cached = re.search(rf"^{cached_name} (\d+)", _read(folder / "memory.stat"), re.MULTILINE)
        yield int(limit) - int(used) + (int(cached[1]) if cached else 0)


def _read(path: Path) -> str:
    """Return the text of a file, or an empty string if the file cannot be read."""
    try:
        return path.read_text()
    except OSError:
        return ""
