"""Readers of the report's files: plots as XML, pages as HTML."""

from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

from markdown_it import MarkdownIt


def drawn(path: Path) -> str:
    """Parse a plot; return all its text."""
    return "\n".join(ElementTree.fromstring(path.read_bytes()).itertext())


def tabled(markdown: str) -> "Reader":
    """Read a table of Markdown."""
    return Reader(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))


class Reader(HTMLParser):
    """Collect the tags of a page and their texts; refuse tags that run or load something."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "img", "iframe", "object", "embed", "link", "form")
        assert not any(name.startswith("on") for name, _ in attrs)
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.texts.setdefault(tag, []).append("")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            del self.open[self.open.index(tag) :]

    def handle_data(self, data: str) -> None:
        for tag in self.open:
            self.texts[tag][-1] += data
