"""Work done ahead in a second thread."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield items, of which another thread makes the next two meanwhile.

    NumPy and Arrow let go of the interpreter in their loops, so that both threads run. Items come in their order and
    are never None; an error is raised where the item would have come.
    """
    with ThreadPoolExecutor(1) as pool:
        coming = deque(pool.submit(next, items, None) for _ in range(2))
        while (item := coming.popleft().result()) is not None:
            coming.append(pool.submit(next, items, None))
            yield item
