"""Write the report as one HTML page that loads nothing from the network."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from latex2mathml.converter import convert
from markupsafe import Markup, escape

from gradus.artifacts.places import write_text
from gradus.reporting.drawing.inline_svg import inline_svg
from gradus.reporting.drawing.palette import palette_css
from gradus.reporting.examples import LineExample, TextExamples, TranslationExample
from gradus.reporting.ideas import Idea
from gradus.reporting.introduction import Headline
from gradus.reporting.picture import Picture
from gradus.reporting.study_blocks import StudyBlock
from gradus.reporting.table import Marked, Table
from gradus.reporting.visible import sample, visible


@dataclass(frozen=True)
class Part:
    """One chapter of the page."""

    key: str
    """Anchor of the chapter."""
    title: str
    """Heading of the chapter."""
    notes: Sequence[str] = ()
    """Paragraphs below the ideas, with the Markdown marks of captions."""
    ideas: Sequence[Idea] = ()
    pictures: Sequence[Picture] = ()
    folded: Sequence[Picture] = ()
    """Pictures that are folded."""
    line: LineExample | None = None
    translation: TranslationExample | None = None
    texts: TextExamples | None = None
    all_texts: Mapping[str, str] | None = None
    """Dict from a heading to a generated text; the texts are folded."""
    studies: Sequence[StudyBlock] = ()
    tables: Sequence[Table] = ()
    """Tables, which are folded."""

    @property
    def is_empty(self) -> bool:
        """Whether the chapter shows no result."""
        content = (self.pictures, self.folded, self.line, self.translation, self.texts, self.studies, self.tables)
        return not (any(content) or self.notes)


@dataclass(frozen=True)
class Page:
    """Content of the page."""

    title: str
    introduction: str
    """Sentence about the run."""
    headlines: Sequence[Headline]
    parts: Sequence[Part]


def write_page(path: Path, page: Page, plots: Path) -> None:
    """Write the page. The plots become part of the page as inline SVG.

    Args:
        path: the HTML file to write.
        page: content of the page.
        plots: folder of the SVG files.
    """

    def drawn(picture: Picture) -> Markup:
        return inline_svg(plots / f"{picture.name}.svg", picture.alt)

    # `autoescape=True`, because names and samples come from corpora and could contain HTML.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    filters: dict[str, Callable[..., Any]] = {"svg": drawn, "emphasis": _emphasis, "cell": _cell, "math": _math}
    environment.filters |= filters | {"visible": visible, "sample": sample, "data_url": _data_url}
    template = environment.from_string(_resource("page.html"))
    style = Markup(palette_css() + _resource("page.css"))  # our own text, without names or samples
    write_text(path, template.render(page=page, style=style))


def _resource(name: str) -> str:
    return files("gradus.reporting").joinpath(name).read_text(encoding="utf-8")


def _math(latex: str) -> Markup:
    """Convert a formula to MathML, which browsers draw without a script."""
    return Markup(convert(latex, display="block"))


def _data_url(csv: str) -> str:
    """Return a link target that holds a CSV file."""
    return f"data:text/csv;base64,{base64.b64encode(csv.encode()).decode()}"


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
