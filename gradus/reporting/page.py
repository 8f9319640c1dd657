"""One page that holds everything and loads nothing from the network."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from gradus.artifacts.places import write_text
from gradus.reporting.table import Table


@dataclass(frozen=True)
class Section:
    """A heading, what there is to see, tables, plots, and texts by title."""

    title: str
    text: str
    tables: Sequence[Table] = ()
    plots: Sequence[Path] = ()
    samples: Mapping[str, Sequence[str]] | None = None


def write_page(path: Path, introduction: str, sections: Sequence[Section]) -> None:
    """Write the page, its plots inlined as SVG.

    Args:
        path: the HTML file.
        introduction: what run this is, in a sentence or two.
        sections: in the order of the page.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"svg": _inline, "emphasis": _emphasis}
    template = environment.from_string(files("gradus.reporting").joinpath("page.html").read_text(encoding="utf-8"))
    write_text(path, template.render(introduction=introduction, sections=sections))


def _inline(path: Path) -> Markup:
    """Return an SVG file without its XML prologue; its ids, which clash on one page, get the file's name."""
    text = path.read_text(encoding="utf-8")
    svg = text[text.index("<svg") :]
    for mark in ('id="', 'xlink:href="#', "url(#"):
        svg = svg.replace(mark, f"{mark}{path.stem}-")
    return Markup(svg)


def _emphasis(text: str) -> Markup:
    """Return a table's text as HTML; `**`, `*` and backquotes mean what they mean in Markdown."""
    safe = str(escape(text))
    for pattern, tag in ((r"\*\*(.+?)\*\*", "strong"), (r"\*(.+?)\*", "em"), (r"`(.+?)`", "code")):
        safe = re.sub(pattern, rf"<{tag}>\1</{tag}>", safe)
    return Markup(safe)
