import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gradus.markdown import LONGEST, escape, literal

HEAD = "| a | b |\n| --- | --- |\n"
ESCAPES = "\n \\n|\r\t\0\x1b[31m\u202e\u200b\u2028\u2066\ufeff\xad\u0301\U000e0041\ud800\x85\xa0"
HOSTILE = [
    "a|b", "a\\|b", "\\", "a\\", "|", "a\nb", "\r\n\r\n# x", "`", "``a`", "<img src=x onerror=alert(1)>", "</td>",
    "</code>", "<!--", "-->", "@name", "a@b.cd", "mailto:a@b.cd", "xmpp:a@b.cd/x", "#12", "GH-12", "o/r#12",
    "o/r@deadbeef", "af0ac8d1", "https://e.com", "www.e.com", "a_www.e.com", "WWW.e.com", "[x](http://e.com)",
    "![x](http://e.com)", "[x]: /y", "*a*", "_a_", "a._b_.c", "~~a~~", "$a$", ":smile:", "&lt;", "&#64;name", ESCAPES,
    "", " ", "- x", "1. x", "x" * 9999,
]  # fmt: skip
PIECES = st.sampled_from([*HOSTILE, *"@|\\`<>&#_*~[]()!:./wh \n-"]) | st.text(st.characters(), max_size=5)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


class Page(HTMLParser):
    """Parse HTML: the tags, the text of each cell, and the text outside <code>."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.outside, self.depth = "", 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not attrs, f"{tag} has attributes"
        self.depth += tag == "code"
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "code"

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data.rstrip("\n")
        self.outside += "" if self.depth else data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def rendered(markdown: str) -> Page:
    return Page(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))


@settings(deadline=None, max_examples=300)
@given(TEXTS, TEXTS)
@example(ESCAPES, "\\")
def test_any_two_texts_give_one_row_with_two_cells(key: str, value: str) -> None:
    page = rendered(f"{HEAD}| {literal(key)} | {literal(value)} |\n")
    assert page.tags[:6] == ["table", "thead", "tr", "th", "th", "tbody"]
    assert [tag for tag in page.tags[6:] if tag not in ("code", "wbr")] == ["tr", "td", "td"]
    assert len(page.cells) == 2
    assert all(cell.isprintable() for cell in page.cells)
    assert re.fullmatch(r"[\nA-Za-z0-9_./+-]*", page.outside)


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_a_literal_text_has_no_markup_and_no_address(text: str) -> None:
    markdown = literal(text)
    assert "\n" not in markdown
    inside = markdown.removeprefix("<code>").removesuffix("</code>")
    if inside == markdown:
        assert re.fullmatch(r"[+-]?[A-Za-z0-9]([A-Za-z0-9_./+-]*)", markdown)
        assert not re.search("www|[0-9a-f]{7}|//", markdown, re.IGNORECASE)
        assert not re.search(r"(^|[./])_", markdown)  # where emphasis would begin
        return
    bare = re.sub("&#64;<wbr>|&#(?!64;)[0-9]+;", "", inside)
    assert not [
        character for character in bare if character.isascii() and not (character.isalnum() or character == " ")
    ]


@pytest.mark.parametrize(
    "text", ["main", "origin/main", "train_lm.lstm.network", "lm/lstm", "3", "+4", "-0.5", "1.2346e-05"]
)
def test_plain_names_and_numbers_stay_unchanged(text: str) -> None:
    assert literal(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a|b `c` <img>", "a|b `c` <img>"),
        ("a\\|b", "a\\|b"),
        ("@name #12 a@b.cd", "@name #12 a@b.cd"),
        ("tab\tline\nend", "tab\\tline\\nend"),
        ("\u202egnp.\u200b", "\\u202egnp.\\u200b"),
        ("e\u0301\ud800", "e\\u0301\\ud800"),
        ("Größe 量 😀", "Größe 量 😀"),
        ("x y" * 100, ("x y" * 100)[: LONGEST - 1] + "…"),
    ],
)
def test_the_reader_sees_the_text_and_escapes_of_invisible_characters(text: str, seen: str) -> None:
    assert rendered(f"{HEAD}| {literal(text)} | 1 |\n").cells == [seen, "1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_heading_and_a_list_stay_one_line_each(text: str) -> None:
    page = rendered(f"## What moves against {literal(text)} (0)\n\n- {literal(text)}\n")
    assert [tag for tag in page.tags if tag not in ("code", "wbr")] == ["h2", "ul", "li"]


def test_escape_changes_only_what_markdown_reads_as_markup() -> None:
    assert escape("modified Kneser-Ney, n_max = 5") == "modified Kneser-Ney, n_max = 5"
    assert escape("_a_ | b") == "&#95;a&#95; &#124; b"  # ord("_") is 95, ord("|") is 124


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1).map(str.strip))
def test_an_escaped_text_has_no_markup(text: str) -> None:
    page = rendered(f"{HEAD}| {escape(text)} | 1 |\n")
    assert page.cells == [text, "1"]
    assert not {*page.tags} - {"table", "thead", "tr", "th", "tbody", "td"}
