"""Description of the device that computed a result. Readers of results need no torch to import this module."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass


# Unknown keys are ignored, as in all results: another version of gradus may write more.
@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="ignore", strict=True, allow_inf_nan=False))
class Device:
    """Processor or GPU that computed a result."""

    kind: Literal["cpu", "cuda"]
    """`cpu` for a processor, `cuda` for a GPU."""
    name: Annotated[str, Field(max_length=1000)]
    """Model name of the device; `portable kernels` if the result has the same bytes on every device."""
