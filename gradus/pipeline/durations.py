"""Durations of the stages in earlier runs, from which the duration of the next run is estimated.

`.gradus/durations.json` holds the last duration of each stage on this machine. In a fresh clone, which has no such
file, the committed file durations.yaml stands in. It holds the durations of one run of the built-in pipeline, and
`python -m benchmarks.durations` writes it.
"""

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_file
from gradus.errors import InputError
from gradus.params import read_section

DURATIONS = Path(".gradus/durations.json")
MEASURED = Path(__file__).with_name("durations.yaml")
_LONGEST = 1e7  # seconds, about four months; a longer duration in a file is a mistake

Seconds = dict[str, float]
"""Dict from stages to their durations in seconds."""


@dataclass
class Durations:
    """Durations of stages, and estimates of the durations that are not known."""

    known: Seconds
    """Durations on this machine."""
    elsewhere: Mapping[str, float] = field(default_factory=dict)
    """Durations in another clone, perhaps on another machine."""

    def estimate(self, stage: str) -> float | None:
        """Estimate the duration of a stage in seconds.

        The estimate is the first of these that exists: the last duration of the stage on this machine; its duration
        elsewhere, multiplied by the ratio of the machines' speeds; the mean duration of the stages of the same entry
        of dvc.yaml, such as `train_lm@*`; None.
        """
        if stage in self.known:
            return self.known[stage]
        ratio = self._ratio()
        if stage in self.elsewhere:
            return self.elsewhere[stage] * ratio
        values = {name: seconds * ratio for name, seconds in self.elsewhere.items()} | self.known
        same_entry = [seconds for name, seconds in values.items() if entry(name) == entry(stage)]
        return sum(same_entry) / len(same_entry) if same_entry else None

    def _ratio(self) -> float:
        """Return the time that this machine needs for each second elsewhere, over the stages known in both places."""
        both = self.known.keys() & self.elsewhere.keys()
        here, there = sum(self.known[name] for name in both), sum(self.elsewhere[name] for name in both)
        return here / there if here and there else 1.0


def entry(stage: str) -> str:
    """Return the entry of dvc.yaml that a stage belongs to, for example `train_lm` for `train_lm@lstm`."""
    return stage.partition("@")[0]


def read_durations() -> Durations:
    """Read the durations of earlier runs in the current folder; a missing or damaged file holds none."""
    return Durations(_read(), _measured())


def keep_durations(known: Mapping[str, float]) -> None:
    """Write the durations of stages to `DURATIONS`; do nothing if the file cannot be written."""
    # An estimate is not worth a failed run.
    with suppress(OSError, InputError):
        DURATIONS.parent.mkdir(exist_ok=True)
        with new_file(DURATIONS, lambda _: True) as part:
            write_json(part, {name: round(seconds, 3) for name, seconds in sorted(known.items())})


def _read() -> Seconds:
    try:
        return _plausible(read_json(DURATIONS))
    except InputError:
        return {}


@lru_cache(maxsize=1)
def _measured() -> Mapping[str, float]:
    return _plausible(read_section(MEASURED, "seconds"))


def _plausible(values: Mapping[str, object]) -> Seconds:
    """Keep the durations that are finite and not negative."""
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float) and math.isfinite(value) and 0 <= value < _LONGEST
    }
