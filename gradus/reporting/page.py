"""Report as one HTML page that loads nothing from the network."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from gradus.artifacts.places import write_text
from gradus.reporting.table import Marked, Table
from gradus.reporting.visible import sample, visible

_TAG = re.compile("<[^>]*>")  # matplotlib escapes < and > in text, so each pair encloses a tag
_ID = re.compile(r'\bid="|xlink:href="#|url\(#')


@dataclass(frozen=True)
class Section:
    """Section of the page: heading, introduction, tables, plots, and sample texts by title."""

    title: str
    text: str
    tables: Sequence[Table] = ()
    plots: Sequence[Path] = ()
    samples: Mapping[str, Sequence[str]] | None = None


def write_page(path: Path, introduction: str, sections: Sequence[Section]) -> None:
    """Write the page with its plots as inline SVG.

    Args:
        path: the HTML file.
        introduction: one or two sentences about the run.
        sections: in the order of the page.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"svg": _inline, "emphasis": _emphasis, "cell": _cell, "visible": visible, "sample": sample}
    template = environment.from_string(files("gradus.reporting").joinpath("page.html").read_text(encoding="utf-8"))
    write_text(path, template.render(introduction=introduction, sections=sections))


def _inline(path: Path) -> Markup:
    """Return an SVG file as part of the page: without its XML prologue, and with the file's name in each id.

    matplotlib uses the same ids in several plots, which would clash on one page.
    """
    text = path.read_text(encoding="utf-8")
    svg = text[text.index("<svg") :]
    return Markup(_TAG.sub(lambda tag: _ID.sub(rf"\g<0>{path.stem}-", tag[0]), svg))


def _cell(text: str) -> Markup:
    """Return a cell of a table as HTML."""
    return _emphasis(text) if isinstance(text, Marked) else escape(visible(text))


def _emphasis(text: str) -> Markup:
    """Return a caption as HTML; `**`, `*` and backquotes have their meaning from Markdown."""
    safe = str(escape(visible(text)))
    for pattern, tag in ((r"\*\*(.+?)\*\*", "strong"), (r"\*(.+?)\*", "em"), (r"`(.+?)`", "code")):
        safe = re.sub(pattern, rf"<{tag}>\1</{tag}>", safe)
    return Markup(safe)
