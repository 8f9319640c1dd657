"""Colours, dashes and markers of lines."""

from collections.abc import Iterable
from dataclasses import dataclass

from gradus.reporting.drawing.palette import LINES

Dash = tuple[float, ...]
"""Lengths of strokes and gaps in units of the line width; empty for a solid line."""

SOLID: tuple[Dash, ...] = ((), (7.0, 1.5, 1.0, 1.5))
"""Dashes of neural networks: the second one is for the ninth to the sixteenth network."""
DASHED: tuple[Dash, ...] = ((3.5, 1.5), (1.0, 1.2))
"""Dashes of n-gram models: the second one is for the ninth to the sixteenth model."""
DASH_DOT: tuple[Dash, ...] = ((5.0, 1.5, 1.0, 1.5, 1.0, 1.5),)
"""Dash of mixtures of language models."""
MARKERS = "osD^vPX<>"
"""Markers of matplotlib. There are nine, so that 72 models differ in their pair of colour and marker."""


@dataclass(frozen=True)
class Look:
    """Appearance of a line."""

    colour: str
    """Name of a colour in `gradus.reporting.drawing.palette.LINES`."""
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
