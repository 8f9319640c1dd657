"""Measure the free memory, and refuse sizes that do not fit before they are allocated."""

import os
import re
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from gradus.errors import InputError

Needed = Callable[..., int]
"""Function from sizes to a lower bound of the bytes that they need; the bound grows with each size."""

_PAGE = os.sysconf("SC_PAGE_SIZE")


def available_memory(system: Path = Path("/")) -> int:
    """Return the bytes that this process can still allocate.

    This is the least of three numbers: the free memory of the machine, the bytes that remain below the limits of the
    process's control groups (containers), and the bytes that remain below its own limit (ulimit -v).

    Args:
        system: folder that contains `proc` and `sys`.
    """
    return max(0, min(_machine(system), _size_limit(system), *_group_limits(system)))


def require_memory(asked: Mapping[str, int], needed: Needed, available: int | None = None) -> None:
    """Refuse sizes that need more memory than is free.

    Args:
        asked: the sizes, each at least 1, by the names of the parameters; the most likely cause first.
        needed: bytes for the sizes in this order. An estimate must be too low rather than too high, so that no
            working size is refused.
        available: bytes; None measures them.
    Raises:
        InputError: if the memory is too small. The error names the first size that can be made small
            enough, and its largest value.
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
        names, expected=f"sizes for {free}", found=f"sizes that need {need}", remedy="lower several of them"
    )


def in_units(size: float) -> str:
    """Return a number of bytes with a unit, such as 1.5 GB."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.0f} PB"


def _fits(needed: Needed, available: int, sizes: list[int], place: int, size: int) -> bool:
    """Say whether the sizes fit after one of them is replaced."""
    return needed(*sizes[:place], size, *sizes[place + 1 :]) <= available


def _largest(fits: Callable[[int], bool], above: int) -> int:
    """Return the largest value below `above` that fits, or 0.

    This is a bisection: if a value fits, every smaller one fits too.
    """
    low, high = 0, above  # invariant: `low` fits or is 0, and `high` does not fit
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _machine(system: Path) -> int:
    """Return the free bytes of the machine, swap included; all of its memory on a system without /proc/meminfo."""
    found = re.findall(r"(?m)^(?:MemAvailable|SwapFree):\s+(\d+) kB", _read(system / "proc/meminfo"))
    return sum(map(int, found)) * 1024 if found else os.sysconf("SC_PHYS_PAGES") * _PAGE


def _size_limit(system: Path) -> int:
    """Return the bytes that remain below the limit of the process itself."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    used = re.match(r"\d+", _read(system / "proc/self/statm"))
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit - (int(used[0]) * _PAGE if used else 0)


def _group_limits(system: Path) -> Iterator[int]:
    """Yield the bytes that remain below the limit of each control group of the process, and of its parent groups.

    The kernel counts cached files as used. They are counted as free here, because the kernel drops them when needed.
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
    """Yield the bytes below a group's limit, or nothing if it has no limit."""
    limit, used = _read(folder / limit_name).strip(), _read(folder / used_name).strip()
    if limit.isdecimal() and used.isdecimal():
        cached = re.search(rf"^{cached_name} (\d+)", _read(folder / "memory.stat"), re.MULTILINE)
        yield int(limit) - int(used) + (int(cached[1]) if cached else 0)


def _read(path: Path) -> str:
    """Return a file's text, or no text if it cannot be read."""
    try:
        return path.read_text()
    except OSError:
        return ""
