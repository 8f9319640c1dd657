"""Types of single values in result files: numbers with a unit and bounds, names, and texts of limited length."""

import sys
from dataclasses import dataclass
from typing import Annotated

from pydantic import ConfigDict, Field

from gradus.names import LONGEST, PATTERN

RESULT = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False, populate_by_name=True)
"""Pydantic settings of every result dataclass. Unknown keys are ignored, because other versions of gradus may write
more keys."""


@dataclass(frozen=True)
class Unit:
    """Unit of a number. docs/metrics.md shows the unit."""

    name: str


_LARGE = sys.float_info.max  # JSON has no infinity
PLOTTED = 1e15
"""Largest number in a plot, because matplotlib loses ticks and margins on larger numbers."""

Count = Annotated[int, Field(ge=0, le=10**15), Unit("count")]
Bytes = Annotated[int, Field(ge=0, le=10**15), Unit("bytes")]
MiB = Annotated[float, Field(ge=0, le=1e15), Unit("MiB")]
PerSecond = Annotated[float, Field(gt=0, le=1e15), Unit("per second")]
Share = Annotated[float, Field(ge=0, le=1), Unit("share, 0 to 1")]
Ratio = Annotated[float, Field(ge=0, le=_LARGE), Unit("ratio")]
Nats = Annotated[float, Field(ge=-_LARGE, le=_LARGE), Unit("nats")]
NatsPerToken = Annotated[float, Field(ge=-_LARGE, le=_LARGE), Unit("nats per token")]
BitsPerToken = Annotated[float, Field(ge=-_LARGE, le=_LARGE), Unit("bits per token")]
BitsPerChar = Annotated[float, Field(ge=-_LARGE, le=_LARGE), Unit("bits per character")]
Perplexity = Annotated[float, Field(gt=0, le=_LARGE), Unit("perplexity")]
Points = Annotated[float, Field(ge=0, le=101), Unit("points, 0 to 100")]
"""Value of BLEU or chrF. The upper bound is 101, because rounding errors in sacreBLEU can slightly exceed 100."""

# `read_history` reads all columns of a CSV file as float, so counts in a history are floats too.
Step = Annotated[float, Field(ge=0, le=PLOTTED), Unit("count")]
Loss = Annotated[float, Field(ge=-PLOTTED, le=PLOTTED), Unit("nats per token")]
Norm = Annotated[float, Field(ge=0, le=PLOTTED), Unit("Euclidean norm")]
Rate = Annotated[float, Field(ge=0, le=PLOTTED), Unit("number")]
Number = Annotated[float, Field(ge=-PLOTTED, le=PLOTTED)]
Spread = Annotated[float, Field(ge=0, le=_LARGE)]
"""Mean or standard deviation of a number over several runs, in the unit of that number."""

Name = Annotated[str, Field(pattern=f"^{PATTERN}$", max_length=LONGEST), Unit("name")]
Order = Annotated[str, Field(pattern="^[1-9][0-9]?$"), Unit("order")]
"""Order of an n-gram model, written as the key of a JSON object."""
SourceLength = Annotated[str, Field(pattern=r"^[0-9]{1,6}(-[0-9]{1,6}|\+)$"), Unit("range of lengths")]
"""Range of numbers of words in a source sentence, such as `11-20` or `31+`."""
Caption = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ().,:;|+/@_-]{1,300}$")]
"""Text that becomes part of a caption. It must not contain markup, because captions are not escaped."""
Label = Annotated[str, Field(max_length=10_000_000)]
"""Any text. Code that shows such a text must escape it."""
Seed = Annotated[int, Field(ge=0, le=2**32 - 1), Unit("seed")]
