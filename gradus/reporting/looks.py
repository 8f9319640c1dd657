"""Give each model one colour, one dash and one marker, the same in all plots of the report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gradus.reporting.palette import LINES
from gradus.reporting.results import Results

Dash = tuple[float, ...]
"""Lengths of strokes and gaps in units of the line width; empty for a solid line."""

SOLID: tuple[Dash, ...] = ((), (7.0, 1.5, 1.0, 1.5))
"""Dashes of neural networks: the second one is for the ninth to the sixteenth network."""
DASHED: tuple[Dash, ...] = ((3.5, 1.5), (1.0, 1.2))
"""Dashes of n-gram models: the second one is for the ninth to the sixteenth model."""
MARKERS = "osD^vPX<>"
"""Markers of matplotlib. There are nine, so that 72 models differ in their pair of colour and marker."""


@dataclass(frozen=True)
class Look:
    """Appearance of one model in all plots."""

    colour: str
    """Name of a colour in `gradus.reporting.palette.LINES`."""
    dash: Dash
    marker: str
    """Marker of matplotlib."""

    @property
    def light(self) -> str:
        """Colour on a light page, `#rrggbb`."""
        return LINES[self.colour].light


def looks(names: Iterable[str], dashes: tuple[Dash, ...] = SOLID) -> dict[str, Look]:
    """Return a dict from name to look. The first eight looks differ in their colours, the next eight in their dash."""
    colours = list(LINES)
    return {
        name: Look(colours[n % len(colours)], dashes[n // len(colours) % len(dashes)], MARKERS[n % len(MARKERS)])
        for n, name in enumerate(names)
    }


def language_model_looks(results: Results) -> dict[str, Look]:
    """Return the looks of all language models: n-gram models are dashed, networks are solid."""
    return looks(results.smoothers, DASHED) | looks(results.networks)


def translation_model_looks(results: Results) -> dict[str, Look]:
    """Return the looks of all translation models."""
    return looks(results.translators)


def study_looks(lines: Iterable[str], results: Results) -> dict[str, Look]:
    """Return the looks of the lines of a study: a line with the name of a model looks as this model does.

    The other lines get the looks that no line of the study has, in the order of `lines`.
    """
    names = list(dict.fromkeys(lines))
    known = translation_model_looks(results) | language_model_looks(results)
    found = {name: known[name] for name in names if name in known}
    free = _free_looks(len(names), found)
    return {name: found.get(name) or free.pop(0) for name in names}


def _free_looks(count: int, taken: Mapping[str, Look]) -> list[Look]:
    """Return looks whose pair of colour and dash is not taken, at least as many as lines without a model."""
    pairs = {(look.colour, look.dash) for look in taken.values()}
    made = looks(map(str, range(count + len(taken)))).values()
    return [look for look in made if (look.colour, look.dash) not in pairs] + list(made)
