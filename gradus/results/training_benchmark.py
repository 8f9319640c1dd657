"""Types of benchmarks/results/training_speed.json and chunk_speed.json: time and memory for training language models.

The types declare only the keys that the report reads.
"""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.results.benchmark import Machine
from gradus.results.fields import RESULT, Count, MiB, Name, PerSecond, Ratio, Unit

_Positive = Annotated[int, Field(ge=1, le=10**9), Unit("count")]


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TrainingCost:
    """Time and memory for training one network."""

    batch: _Positive
    """B, number of lanes of the text that are read in parallel."""
    chunk: _Positive
    """T, number of tokens per lane in one optimizer step."""
    tokens_per_second: PerSecond
    """Number of tokens per second of wall-clock time; median over the runs."""
    tokens_per_cpu_second: PerSecond
    """Number of tokens per second of processor time; median over the runs."""
    spread: Ratio
    """Longest minus shortest wall-clock time of the runs, divided by their median."""
    peak_mib: MiB
    """Peak resident memory of the training, without the memory of the program, its libraries and the text."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NetworkCost(TrainingCost):
    """Size of one network, and time and memory for training it."""

    name: Name
    """Name of the network."""
    parameters: Count
    """Number of weights."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TrainingBenchmark:
    """Computer and settings of a benchmark of training."""

    machine: Machine
    """Computer on which the benchmark ran."""
    threads: _Positive
    """Number of threads of torch and of BLAS."""
    vocabulary_size: _Positive
    """V, number of types."""
    runs: _Positive
    """How many times each network was trained; the speeds are medians over these runs."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TrainingSpeedResult(TrainingBenchmark):
    """Time and memory for training several networks; the content of training_speed.json."""

    networks: list[NetworkCost]
    """One entry per network, in the order of the parameter file."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class ChunkSpeedResult(TrainingBenchmark):
    """Time and memory for training one network by chunk length; the content of chunk_speed.json."""

    name: Name
    """Name of the network."""
    equal_step: list[TrainingCost]
    """One entry per chunk length. All have about as many tokens per step, B T, as the parameter file."""
    equal_batch: list[TrainingCost]
    """One entry per chunk length. All have the batch of the parameter file."""
