"""What the report reads of the benchmarks' results."""

from typing import Annotated, Required

from pydantic import Field
from typing_extensions import TypedDict

from gradus.reporting.schema import Caption, Count, Positive


class Machine(TypedDict):
    """Where a benchmark ran."""

    processor: Caption
    cores: Count
    memory_gib: Count


class Built(TypedDict):
    """A model built by gradus."""

    median_seconds: Positive
    peak_mib: Positive
    model_mib: Positive


class Lmplz(TypedDict):
    """A model estimated by KenLM's lmplz."""

    median_seconds: Positive
    peak_mib: Positive


class Binary(TypedDict):
    """KenLM's binary model."""

    median_seconds: Positive
    model_mib: Positive


class Builds(TypedDict, total=False):
    """The same model built by several programs."""

    gradus: Required[Built]
    lmplz: Lmplz
    lmplz_small: Lmplz
    build_binary: Binary


class Speed(TypedDict):
    """Tokens, or distributions, a second."""

    per_second: Positive


class Scored(TypedDict, total=False):
    """The same text scored in process by several programs."""

    gradus_text: Required[Speed]
    gradus_ids: Required[Speed]
    query: Speed
    kenlm_module: Speed


class Steps(TypedDict):
    """Next-token distributions."""

    drawn_text: Speed


class Compared(TypedDict):
    """`ngram_TEXT.json`: one text beside KenLM."""

    machine: Machine
    build: Builds
    score_in_process: Scored
    step: Steps


class Memory(TypedDict):
    """A build's cost."""

    seconds: Count
    peak_mib: Count
    own_mib: Count


class Length(TypedDict):
    """Builds of a text of some length."""

    million_tokens: Count
    ngrams: list[Count]
    in_memory: Memory
    in_files: Memory
    model_mib: Count


class Growth(TypedDict):
    """`ngram_growth.json`."""

    machine: Machine
    sizes: list[Length]


class Openings(TypedDict):
    """Milliseconds until a model is open."""

    verified: Count
    no_verify: Count


class Opened(TypedDict):
    """One model's openings."""

    model_mib: Count
    median_milliseconds: Openings


class Opening(TypedDict):
    """`ngram_opening.json`."""

    machine: Machine
    runs: Annotated[int, Field(ge=1)]
    models: list[Opened]
