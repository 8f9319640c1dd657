"""Types of benchmarks/results/lm_speed.json, lm_rates.json and lm_quality.json: the training of neural language models.

The types declare only the keys that the report reads.
"""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.results.benchmark import Machine
from gradus.results.fields import RESULT, Count, MiB, Name, Perplexity, PerSecond, Unit

Precision = Literal["float32", "bfloat16"]
_Seconds = Annotated[float, Field(gt=0, le=1e15), Unit("seconds")]
_Gflops = Annotated[float, Field(gt=0, le=1e15), Unit("10^9 operations per second")]


@dataclass(frozen=True, kw_only=True, config=RESULT)
class ProgramRuns:
    """Several runs of one program on one task."""

    median_seconds: _Seconds
    """Median time of the training."""
    peak_mib: MiB
    """Largest resident memory of the process, over all runs."""
    valid_perplexity: Annotated[list[Perplexity], Field(min_length=1)] | None = None
    """Perplexity of the validation text after the epoch, one number per run. Absent if only steps were timed."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Programs:
    """The runs of gradus in two precisions, and of PyTorch's example."""

    float32: ProgramRuns
    """gradus with matrix products in float32."""
    bfloat16: ProgramRuns
    """gradus with matrix products in bfloat16."""
    peer: ProgramRuns | None = None
    """PyTorch's example `word_language_model`; absent if it was not measured."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LMBenchmark:
    """Computer and settings of a benchmark of language models."""

    machine: Machine
    """Computer on which the benchmark ran."""
    threads: Annotated[int, Field(ge=1, le=10**6), Unit("count")]
    """Number of threads of torch."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LMSpeedBenchmark(LMBenchmark):
    """Benchmark that compares the speed of networks with that of a matrix product."""

    product_gflop_per_second: dict[Precision, _Gflops]
    """Speed of a product of two matrices of 2048 x 2048, by precision."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LMSpeedResult(LMSpeedBenchmark):
    """Comparison with PyTorch's example on the Penn Treebank; the content of lm_speed.json."""

    epoch_tokens: Count
    """Number of tokens of the training text."""
    step_tokens: Count
    """Number of tokens of the timed steps."""
    epoch: Programs
    """One epoch with its validation: LSTM, 2 layers of width 200."""
    large_steps: Programs
    """The timed steps: LSTM, 2 layers of width 650."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NetworkRate:
    """Speed of the training of one kind of network in one precision."""

    kind: Name
    """Kind of the network."""
    precision: Precision
    """Precision of the matrix products."""
    tokens_per_second: PerSecond
    """Number of tokens per second."""
    gflop_per_second: _Gflops
    """Operations per second, in matrix products only."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LMRatesResult(LMSpeedBenchmark):
    """Operations per second of every kind of network; the content of lm_rates.json."""

    networks: list[NetworkRate]
    """One entry per kind of network and precision."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class QualityPoint:
    """State of a training after an epoch."""

    seconds: _Seconds
    """Time since the start of the process."""
    valid_perplexity: Perplexity
    """Perplexity of the validation text."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LMQualityResult(LMBenchmark):
    """Validation perplexity by time on the Penn Treebank; the content of lm_quality.json."""

    gradus: Annotated[list[QualityPoint], Field(min_length=1)]
    """Training of an LSTM whose settings were chosen for this."""
    example: Annotated[list[QualityPoint], Field(min_length=1)] | None = None
    """PyTorch's example `word_language_model` at width 200; absent if it was not measured."""
