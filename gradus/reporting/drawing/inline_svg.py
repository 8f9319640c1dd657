"""Prepare SVG files as parts of an HTML page."""

import re
from pathlib import Path

from markupsafe import Markup, escape

from gradus.reporting.drawing.palette import PALETTE
from gradus.reporting.visible import visible

_TAG = re.compile("<[^>]*>")  # text and attributes of a plot have no bare < and >, so `<...>` is always a tag
_METADATA = re.compile("<metadata>.*?</metadata>", re.DOTALL)
_ID = re.compile(r'\bid="|\bhref="#|url\(#')
_COLOUR = re.compile("#[0-9a-f]{6}")
_NAMES = {colour.light: name for name, colour in PALETTE.items()}


def inline_svg(path: Path, alt: str) -> Markup:
    """Return the content of an SVG file as HTML.

    The prologue is removed. The file name becomes a prefix of every id, because ids must be unique on a page. Colours
    of the palette become CSS variables, so that the plot follows the page's colour scheme.

    Args:
        path: the SVG file of a plot.
        alt: text that replaces the plot for a reader who cannot see it.
    """
    text = path.read_text(encoding="utf-8")
    svg = _METADATA.sub("", text[text.index("<svg") :])
    svg = _TAG.sub(lambda tag: _COLOUR.sub(_variable, _ID.sub(rf"\g<0>{path.stem}-", tag[0])), svg)
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{escape(visible(alt))}" ', 1))


def _variable(colour: re.Match[str]) -> str:
    """Return the CSS variable of a colour of the palette, with the colour itself as fallback."""
    name = _NAMES.get(colour[0])
    return f"var(--{name},{colour[0]})" if name else colour[0]
