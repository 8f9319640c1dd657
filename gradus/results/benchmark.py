"""Types of the files benchmarks/results/ngram_*.json, which contain the results of the n-gram benchmarks.

The types declare only the keys that the report reads.
"""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, Caption, MiB, PerSecond, Unit

_Seconds = Annotated[float, Field(ge=0, le=1e15), Unit("seconds")]
_Milliseconds = Annotated[float, Field(ge=0, le=1e15), Unit("milliseconds")]
_Number = Annotated[float, Field(ge=0, le=1e15), Unit("count")]
# The report divides by these numbers, so zero is refused.
_SomeSeconds = Annotated[float, Field(gt=0, le=1e15), Unit("seconds")]
_SomeMiB = Annotated[float, Field(gt=0, le=1e15), Unit("MiB")]


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Machine:
    """Computer on which a benchmark ran."""

    processor: Caption
    """Name of the processor model, such as `Intel(R) Xeon(R) Processor`."""
    cores: _Number
    """Number of processor cores."""
    memory_gib: Annotated[float, Field(ge=0, le=1e15), Unit("GiB")]
    """Size of the main memory."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class GradusBuild:
    """Cost of estimating an n-gram model with gradus."""

    median_seconds: _SomeSeconds
    """Median wall-clock time of the whole process over all runs."""
    peak_mib: _SomeMiB
    """Peak resident memory of the process, the maximum over all runs."""
    model_mib: _SomeMiB
    """Size of the model folder on disk."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LmplzBuild:
    """Cost of estimating an n-gram model with KenLM's program `lmplz`."""

    median_seconds: _SomeSeconds
    """Median wall-clock time of the whole process over all runs."""
    peak_mib: _SomeMiB
    """Peak resident memory of the process, the maximum over all runs."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class BinaryBuild:
    """Cost of converting an ARPA file with KenLM's program `build_binary`."""

    median_seconds: _SomeSeconds
    """Median wall-clock time of the whole process over all runs."""
    model_mib: _SomeMiB
    """Size of the binary model file on disk."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Builds:
    """Cost of building one n-gram model with each of several programs."""

    gradus: GradusBuild
    """Cost of `gradus ngram build`."""
    # Optional, because a computer may not have KenLM.
    lmplz: LmplzBuild | None = None
    """Cost of `lmplz` with its default memory limit; absent if KenLM was not measured."""
    lmplz_small: LmplzBuild | None = None
    """Cost of `lmplz` with the option `-S 1G`; absent if KenLM was not measured."""
    build_binary: BinaryBuild | None = None
    """Cost of `build_binary`; absent if KenLM was not measured."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Speed:
    """Median speed of one program over all runs."""

    per_second: PerSecond
    """Number of tokens that the program scores per second. In the value of the key `step`, it is the number of
    next-token distributions that the program computes per second."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Scoring:
    """Speed of several programs at scoring the same text. The time to open the model is not included."""

    gradus_text: Speed
    """Speed of gradus if the input is text."""
    gradus_ids: Speed
    """Speed of gradus if the input is token ids."""
    query: Speed | None = None
    """Speed of KenLM's program `query`; absent if KenLM was not measured."""
    kenlm_module: Speed | None = None
    """Speed of KenLM's Python module; absent if the module was not measured."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Steps:
    """Speed at computing next-token distributions."""

    drawn_text: Speed
    """Speed at computing the next-token distribution at every position of a text that was sampled from the model."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class SpeedResult:
    """Speed and memory of gradus and KenLM on one text; the content of ngram_TEXT.json."""

    machine: Machine
    """Computer on which the benchmark ran."""
    build: Builds
    """Cost of building a model from the training text."""
    score_in_process: Scoring
    """Speed at scoring the training text."""
    step: Steps
    """Speed at computing next-token distributions."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class BuildCost:
    """Time and memory of building one model."""

    seconds: _Seconds
    """Median wall-clock time over all runs."""
    peak_mib: MiB
    """Peak resident memory, memory-mapped files included; the maximum over all runs."""
    own_mib: MiB
    """Peak resident memory, memory-mapped files excluded; the maximum over all runs."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TextLength:
    """Cost of building a model from a training text of one length."""

    million_tokens: Annotated[float, Field(ge=0, le=1e15), Unit("million tokens")]
    """Length of the training text."""
    ngrams: list[_Number]
    """Number of distinct n-grams of each order: the first element is for order 1, the second for order 2, and so on."""
    in_memory: BuildCost
    """Cost of the build that keeps its arrays in memory."""
    in_files: BuildCost
    """Cost of the build with `--scratch`, which keeps its large arrays in files."""
    model_mib: MiB
    """Size of the model folder on disk."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class GrowthResult:
    """Time and memory of builds from texts of growing length; the content of ngram_growth.json."""

    machine: Machine
    """Computer on which the benchmark ran."""
    sizes: list[TextLength]
    """One entry per text, the shortest text first."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class OpeningTimes:
    """Median times to open one model, with and without the SHA-256 checks."""

    verified: _Milliseconds
    """Time if gradus checks the SHA-256 of every file, as it does by default."""
    no_verify: _Milliseconds
    """Time with the option `--no-verify`, which skips the SHA-256 checks."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class OpenedModel:
    """Size and opening times of one model."""

    model_mib: MiB
    """Size of the model folder on disk."""
    median_milliseconds: OpeningTimes
    """Median times to open the model."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class OpeningResult:
    """Time to open models of several sizes; the content of ngram_opening.json."""

    machine: Machine
    """Computer on which the benchmark ran."""
    runs: Annotated[int, Field(ge=1, le=10**9), Unit("count")]
    """How many times each model was opened; the times are medians over these runs."""
    models: list[OpenedModel]
    """One entry per model, in the order of measurement."""
