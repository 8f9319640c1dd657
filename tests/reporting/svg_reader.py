"""Read the dots, the lines and the texts of a plot from its SVG file."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Mark:
    """Marker, or text, at a place of the plot."""

    x: float
    y: float
    what: str
    """Colour of a marker, or the text."""


class Plot:
    """Content of a plot."""

    def __init__(self, path: Path) -> None:
        root = ElementTree.fromstring(path.read_bytes())
        self.width, self.height = (float(size) for size in root.attrib["viewBox"].split()[2:])
        self.texts = [
            Mark(float(each.attrib["x"]), float(each.attrib["y"]), each.text or "") for each in root.iter(f"{SVG}text")
        ]
        self.dots = []
        for group in root.iter(f"{SVG}g"):
            for use in group.findall(f"{SVG}use"):
                colour = re.search(r"stroke:(#[0-9a-f]{6})", group.attrib.get("style", use.attrib.get("style", "")))
                assert colour is not None
                self.dots.append(Mark(float(use.attrib["x"]), float(use.attrib["y"]), colour[1]))

    def text(self, what: str) -> Mark:
        """Return the only text with this content."""
        (found,) = [each for each in self.texts if each.what == what]
        return found

    def log_scale(self, at: Callable[[Mark], float]) -> Callable[[float], float]:
        """Return the function from a place to its number on a logarithmic axis with at least two ticks.

        Args:
            at: place of a text on the axis; NaN for a text that is not a tick of the axis.
        """
        ticks = [(at(each), float(each.what.replace(",", ""))) for each in self.texts if not math.isnan(at(each))]
        (p, low), *_, (q, high) = sorted(ticks, key=lambda tick: tick[1])
        return lambda place: low * (high / low) ** ((place - p) / (q - p))
