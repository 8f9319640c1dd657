"""How much memory there is, and a refusal of what does not fit, before it is allocated."""

import os
import re
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from gradus.errors import InputError

Needed = Callable[..., int]
"""Bytes that are needed at least for some sizes; grows with each of them."""

_PAGE = os.sysconf("SC_PAGE_SIZE")


def available_memory(system: Path = Path("/")) -> int:
    """Return the bytes that this process may still take.

    The least of what the system has left, what the process's control groups (containers) leave, and what the limit
    on its own size (ulimit -v) leaves.

    Args:
        system: root of the folders `proc` and `sys`.
    """
    return max(0, min(_machine(system), _size_limit(system), *_group_limits(system)))


def require_memory(asked: Mapping[str, int], needed: Needed, available: int | None = None) -> None:
    """Refuse sizes that need more memory than there is.

    Args:
        asked: the sizes, each at least 1, by the names that the reader knows; the likeliest culprit first.
        needed: bytes for sizes in that order. It should rather be too low: what works must not be refused.
        available: bytes; those of `available_memory` if None.
    Raises:
        InputError: names the first size that would fit if it alone were smaller, and the largest value that fits.
    """
    available = available_memory() if available is None else available
    sizes = list(asked.values())
    if (bytes_needed := needed(*sizes)) <= available:
        return
    there, found = f"{in_units(available)} of memory that are free", f"which needs {in_units(bytes_needed)}"
    for place, (name, size) in enumerate(asked.items()):
        largest = _largest(partial(_fits, needed, available, sizes, place), size)
        if largest:
            raise InputError(
                name, expected=f"at most {largest}, for {there}", found=f"{size}, {found}", remedy="lower it"
            )
    names = ", ".join(f"{name} {size}" for name, size in asked.items())
    raise InputError(names, expected=f"sizes for {there}", found=f"sizes {found}", remedy="lower several of them")


def in_units(size: float) -> str:
    """Return a number of bytes as a person reads it, such as 1.5 GB."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.0f} PB"


def _fits(needed: Needed, available: int, sizes: list[int], place: int, size: int) -> bool:
    """Say whether the sizes fit with another one at a place."""
    return needed(*sizes[:place], size, *sizes[place + 1 :]) <= available


def _largest(fits: Callable[[int], bool], above: int) -> int:
    """Return the largest value from 1 to `above` - 1 that fits, or 0; what fits, fits if it is smaller."""
    low, high = 0, above  # low fits (or is 0), high does not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _machine(system: Path) -> int:
    """Return what the system says is free, swap included, or all of its memory where it does not say."""
    found = re.findall(r"(?m)^(?:MemAvailable|SwapFree):\s+(\d+) kB", _read(system / "proc/meminfo"))
    return sum(map(int, found)) * 1024 if found else os.sysconf("SC_PHYS_PAGES") * _PAGE


def _size_limit(system: Path) -> int:
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    used = re.match(r"\d+", _read(system / "proc/self/statm"))
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit - (int(used[0]) * _PAGE if used else 0)


def _group_limits(system: Path) -> Iterator[int]:
    """Yield what each control group that the process is in, or that holds one of those, leaves of its limit.

    Cached files that the kernel would drop count as used there; they are free here.
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
            for folder in [group, *group.parents]:  # in a container the path may be the host's, and the root its own
                yield from _left(folder, *names)
                if folder == root:
                    break


def _left(folder: Path, limit_name: str, used_name: str, cached_name: str) -> Iterator[int]:
    limit, used = _read(folder / limit_name).strip(), _read(folder / used_name).strip()
    if limit.isdecimal() and used.isdecimal():
        cached = re.search(rf"^{cached_name} (\d+)", _read(folder / "memory.stat"), re.MULTILINE)
        yield int(limit) - int(used) + (int(cached[1]) if cached else 0)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
