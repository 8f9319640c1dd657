"""How long loops tell somebody that they move, without knowing whom."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Track(Protocol):
    """Iterates over items and shows how far it has come; commands pass a bar, tests nothing."""

    def __call__(self, items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
        """Yield `items` one by one; `total` is their number where it is known."""
        ...


def silent(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Show nothing."""
    return iter(items)
