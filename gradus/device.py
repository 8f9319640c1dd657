"""Description of the device that computed a result.

Programs that only read results import this module. Therefore the module does not import torch.
"""

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
    """Model name of the device. It is `portable kernels` if every device would compute the same bytes."""
