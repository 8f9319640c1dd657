"""Make the tables of the training benchmarks: time and memory by network, and by length of the chunks."""

from collections.abc import Iterator
from pathlib import Path

from gradus.reporting.machine import describe
from gradus.reporting.table import Table, number, percent
from gradus.results.files import read_result
from gradus.results.training_benchmark import ChunkSpeedResult, TrainingBenchmark, TrainingCost, TrainingSpeedResult

SPEED, CHUNKS = "training_speed", "chunk_speed"

_TOKENS = 100_000
"""Number of tokens whose training time the table of chunk lengths shows."""


def training_tables(folder: Path) -> Iterator[Table]:
    """Yield one table for each training benchmark whose result is in a folder.

    Raises:
        InputError: if the content of a file is wrong.
    """
    if speed := read_speed(folder):
        yield network_table(speed)
    if (path := folder / f"{CHUNKS}.json").exists():
        yield chunk_table(read_result(path, ChunkSpeedResult))


def read_speed(folder: Path) -> TrainingSpeedResult | None:
    """Read the result of the benchmark of the networks; None if a folder does not have it.

    Raises:
        InputError: if the content of the file is wrong.
    """
    path = folder / f"{SPEED}.json"
    return read_result(path, TrainingSpeedResult) if path.exists() else None


def network_table(result: TrainingSpeedResult) -> Table:
    """Return the table of the speed and the memory of several networks."""
    rows = [
        [
            network.name,
            number(network.parameters, 0),
            number(network.tokens_per_second, 0),
            number(network.tokens_per_cpu_second, 0),
            percent(network.spread),
            number(network.peak_mib, 1),
        ]
        for network in result.networks
    ]
    caption = f"Speed and memory of the training of language models. {_method(result)}"
    columns = ["network", "weights", "tokens/s", "tokens/s of processor time", "spread", "peak memory, MiB"]
    return Table(SPEED, caption, columns, rows)


def chunk_table(result: ChunkSpeedResult) -> Table:
    """Return the table of the time and the memory by chunk length."""
    groups = {"tokens per step": result.equal_step, "batch": result.equal_batch}
    rows = [[equal, *_chunk_cells(cost)] for equal, costs in groups.items() for cost in costs]
    caption = (
        f"Time and memory of truncated backpropagation with the network {result.name}, by length of the chunks. "
        "Equal: what all rows of the group have in common. A step reads one chunk of each of the texts in the batch. "
        f"{_method(result)}"
    )
    columns = ["equal", "chunk", "batch", "tokens per step", "seconds per 100,000 tokens"]
    columns += ["the same, processor time", "spread", "peak memory, MiB"]
    return Table(CHUNKS, caption, columns, rows)


def _chunk_cells(cost: TrainingCost) -> list[str]:
    return [
        str(cost.chunk),
        str(cost.batch),
        number(cost.batch * cost.chunk, 0),
        number(_TOKENS / cost.tokens_per_second, 2),
        number(_TOKENS / cost.tokens_per_cpu_second, 2),
        percent(cost.spread),
        number(cost.peak_mib, 1),
    ]


def _method(result: TrainingBenchmark) -> str:
    """Say how the numbers were measured."""
    threads = "1 thread" if result.threads == 1 else f"{result.threads} threads"
    return (
        f"Medians over {result.runs} runs in turn with {threads}, on {describe(result.machine)}; the vocabulary "
        f"has {number(result.vocabulary_size, 0)} types. The first steps of every run, the validation and the reading "
        "of the text are not timed. Spread: longest minus shortest time of the runs, divided by the median. Peak "
        "memory: largest resident memory of a new process, without the memory of the program, its libraries and the "
        "text."
    )
