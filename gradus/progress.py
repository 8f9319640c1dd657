"""Progress of long loops: an interface, so that the library needs no terminal."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Track(Protocol):
    """Iterator over items that reports its progress; commands pass a progress bar."""

    def __call__(self, items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
        """Yield `items` one by one; `total` is their number, if known."""
        ...


def silent(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Iterate without reporting progress."""
    return iter(items)
