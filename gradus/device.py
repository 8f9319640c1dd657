"""The device that computed a result, as the files of the result name it. Readers of results need no torch."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass


# Unknown keys are ignored, as in all results: another version of gradus may write more.
@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="ignore", strict=True, allow_inf_nan=False))
class Device:
    """Processor or GPU that computed a result."""

    kind: Literal["cpu", "cuda"]
    """`cpu` or `cuda`."""
    name: Annotated[str, Field(max_length=1000)]
    """Model of the device; `portable kernels` if the bytes of the result do not depend on it."""
