"""Results of the n-gram benchmarks: benchmarks/results/ngram_*.json. The report reads these keys of them."""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, Caption, Unit

_Seconds = Annotated[float, Field(ge=0, le=1e15), Unit("seconds")]
_Milliseconds = Annotated[float, Field(ge=0, le=1e15), Unit("milliseconds")]
_MiB = Annotated[float, Field(ge=0, le=1e15), Unit("MiB")]
_Speed = Annotated[float, Field(gt=0, le=1e15), Unit("per second")]
_Number = Annotated[float, Field(ge=0, le=1e15), Unit("count")]
# A divisor of a ratio must be above zero.
_SomeSeconds = Annotated[float, Field(gt=0, le=1e15), Unit("seconds")]
_SomeMiB = Annotated[float, Field(gt=0, le=1e15), Unit("MiB")]


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Machine:
    """Computer on which a benchmark ran."""

    processor: Caption
    """Model of the processor."""
    cores: _Number
    """Cores."""
    memory_gib: Annotated[float, Field(ge=0, le=1e15), Unit("GiB")]
    """Memory."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class GradusBuild:
    """Estimation of a model by gradus."""

    median_seconds: _SomeSeconds
    """Median time of the whole process."""
    peak_mib: _SomeMiB
    """Largest memory use."""
    model_mib: _SomeMiB
    """Size of the model on disk."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LmplzBuild:
    """Estimation of a model by KenLM's lmplz."""

    median_seconds: _SomeSeconds
    """Median time of the whole process."""
    peak_mib: _SomeMiB
    """Largest memory use."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class BinaryBuild:
    """Conversion of an ARPA file by KenLM's build_binary."""

    median_seconds: _SomeSeconds
    """Median time of the whole process."""
    model_mib: _SomeMiB
    """Size of the model on disk."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Builds:
    """The same model, built by several programs."""

    gradus: GradusBuild
    """gradus ngram build."""
    lmplz: LmplzBuild | None = None
    """lmplz with its default memory; absent if KenLM was not measured."""
    lmplz_small: LmplzBuild | None = None
    """lmplz with -S 1G; absent if KenLM was not measured."""
    build_binary: BinaryBuild | None = None
    """build_binary; absent if KenLM was not measured."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Speed:
    """Speed of a program."""

    per_second: _Speed
    """Tokens, or distributions, per second."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Scoring:
    """The same text, scored in process by several programs."""

    gradus_text: Speed
    """gradus, from text."""
    gradus_ids: Speed
    """gradus, from token ids."""
    query: Speed | None = None
    """KenLM's query; absent if KenLM was not measured."""
    kenlm_module: Speed | None = None
    """KenLM's Python module; absent if KenLM was not measured."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Steps:
    """Computation of next-token distributions."""

    drawn_text: Speed
    """Distributions along a text drawn from the model."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class SpeedResult:
    """Speed and memory on one text, with KenLM for comparison: ngram_TEXT.json."""

    machine: Machine
    """Computer."""
    build: Builds
    """Building a model."""
    score_in_process: Scoring
    """Scoring the training text."""
    step: Steps
    """Next-token distributions."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class BuildCost:
    """Time and memory of one build."""

    seconds: _Seconds
    """Time."""
    peak_mib: _MiB
    """Largest memory use, mapped files included."""
    own_mib: _MiB
    """Largest memory use, mapped files excluded."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TextLength:
    """Builds of a model from a text of one length."""

    million_tokens: Annotated[float, Field(ge=0, le=1e15), Unit("million tokens")]
    """Length of the text."""
    ngrams: list[_Number]
    """Distinct n-grams, by order."""
    in_memory: BuildCost
    """Build in memory."""
    in_files: BuildCost
    """Build with --scratch."""
    model_mib: _MiB
    """Size of the model on disk."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class GrowthResult:
    """Time and memory by length of the text: ngram_growth.json."""

    machine: Machine
    """Computer."""
    sizes: list[TextLength]
    """Builds, by length of the text."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class OpeningTimes:
    """Median time to open a model."""

    verified: _Milliseconds
    """With the SHA-256 of every file checked."""
    no_verify: _Milliseconds
    """With --no-verify."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class OpenedModel:
    """A model that was opened repeatedly."""

    model_mib: _MiB
    """Size of the model on disk."""
    median_milliseconds: OpeningTimes
    """Median time to open it."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class OpeningResult:
    """Time to open models of several sizes: ngram_opening.json."""

    machine: Machine
    """Computer."""
    runs: Annotated[int, Field(ge=1, le=10**9), Unit("count")]
    """Openings of each model."""
    models: list[OpenedModel]
    """Models, by size."""
