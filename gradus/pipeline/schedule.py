"""Order in which stages run: chains of stages, several at a time, and how long all of them take."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Graph = Mapping[str, set[str]]
"""Dict from each stage to the stages that it depends on."""


@dataclass(frozen=True)
class Running:
    """A chain that has started."""

    chain: tuple[str, ...]
    left: float
    """Time until the last stage of the chain ends, seconds."""


def next_chain(waiting: Graph) -> list[str]:
    """Return a chain: stages that can only run one after the other. The first stage of the chain is ready to run.

    A stage is ready if all its dependencies are finished. The chain ends where several stages become ready at once,
    because these stages can run in parallel.
    """
    chain = [name for name, needs in waiting.items() if not needs][:1]
    unlocked = chain
    while len(unlocked) == 1:
        unlocked = [name for name, needs in waiting.items() if name not in chain and needs and needs <= {*chain}]
        chain = chain + unlocked if len(unlocked) == 1 else chain
    return chain


def seconds_left(waiting: Graph, running: Iterable[Running], seconds: Callable[[str], float], jobs: int) -> float:
    """Simulate the rest of a run; return the time until its last stage ends, in seconds.

    The simulation starts the same chains in the same order as `run_stages`. A stage that waits for a stage outside of
    `waiting` and `running`, such as a failed stage, never runs and takes no time.

    Args:
        waiting: the stages that have not started.
        running: the chains that are running now.
        seconds: function that returns the duration of a stage in seconds.
        jobs: maximum number of chains at the same time, at least 1.
    """
    rest = {name: set(needs) for name, needs in waiting.items()}
    ends = [(chain.left, chain.chain) for chain in running]
    heapq.heapify(ends)
    now = 0.0
    while True:
        while len(ends) < jobs and (chain := next_chain(rest)):
            heapq.heappush(ends, (now + sum(map(seconds, chain)), tuple(chain)))
            for name in chain:
                del rest[name]
        if not ends:
            return now
        now, done = heapq.heappop(ends)
        for needs in rest.values():
            needs.difference_update(done)
