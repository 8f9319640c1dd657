"""Write the report as one HTML page that loads nothing from the network."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from gradus.artifacts.places import write_text
from gradus.reporting.plot_captions import plot_caption
from gradus.reporting.table import Marked, Table
from gradus.reporting.visible import sample, visible

_TAG = re.compile("<[^>]*>")  # matplotlib escapes < and > in text, so `<...>` is always a tag
_ID = re.compile(r'\bid="|xlink:href="#|url\(#')


@dataclass(frozen=True)
class Section:
    """Section of the page."""

    title: str
    """Heading of the section."""
    text: str
    """Introduction of the section."""
    tables: Sequence[Table] = ()
    plots: Sequence[Path] = ()
    """SVG files of the plots."""
    samples: Mapping[str, Sequence[str]] | None = None
    """Dict from a heading to the sample texts below this heading; None for a section without sample texts."""


def write_page(path: Path, introduction: str, sections: Sequence[Section]) -> None:
    """Write the page. The plots become part of the page as inline SVG.

    Args:
        path: the HTML file to write.
        introduction: text at the top of the page, about the run.
        sections: sections of the page, from top to bottom.
    """
    # `autoescape=True`, because names and samples come from corpora and could contain HTML.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"svg": _inline, "emphasis": _emphasis, "cell": _cell, "visible": visible, "sample": sample}
    environment.filters["plot_caption"] = plot_caption
    template = environment.from_string(files("gradus.reporting").joinpath("page.html").read_text(encoding="utf-8"))
    write_text(path, template.render(introduction=introduction, sections=sections))


def _inline(path: Path) -> Markup:
    """Return the content of an SVG file, prepared as a part of an HTML page.

    The XML prologue is removed. The file name becomes a prefix of every id, because matplotlib uses the same ids in
    several plots and ids must be unique on a page.
    """
    text = path.read_text(encoding="utf-8")
    svg = text[text.index("<svg") :]
    return Markup(_TAG.sub(lambda tag: _ID.sub(rf"\g<0>{path.stem}-", tag[0]), svg))


def _cell(text: str) -> Markup:
    """Convert a table cell to HTML."""
    return _emphasis(text) if isinstance(text, Marked) else escape(visible(text))


def _emphasis(text: str) -> Markup:
    """Convert a caption to HTML. `**`, `*` and backquotes mark strong text, emphasis and code, as in Markdown.

    Of a link, only the text remains, because the page can be anywhere.
    """
    safe = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", str(escape(visible(text))))  # The loop adds the only tags.
    for pattern, tag in ((r"\*\*(.+?)\*\*", "strong"), (r"\*(.+?)\*", "em"), (r"`(.+?)`", "code")):
        safe = re.sub(pattern, rf"<{tag}>\1</{tag}>", safe)
    return Markup(safe)
