"""Interface for progress reports of long loops, so that the library does not depend on a terminal."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Track(Protocol):
    """Function that iterates over items and reports its progress; commands pass a progress bar."""

    def __call__(self, items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
        """Yield the items one by one; `total` is the number of items, or None if this number is unknown."""
        ...


def silent(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Iterate without reporting progress."""
    return iter(items)
