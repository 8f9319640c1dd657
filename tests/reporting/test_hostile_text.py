"""Plots, tables and the page show any text literally."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from readers import Reader, drawn, tabled

from gradus.reporting.drawing.attention_plots import attention_plot
from gradus.reporting.drawing.bar_plots import bar_plot
from gradus.reporting.drawing.line_plots import Line, Scales, exact, line_plot
from gradus.reporting.drawing.looks import looks
from gradus.reporting.drawing.row_plots import Row, RowScale, row_plot
from gradus.reporting.drawing.text_width import fitted
from gradus.reporting.examples import LineExample, TokenProbability, TranslationExample
from gradus.reporting.introduction import Headline
from gradus.reporting.page import Page, Part, write_page
from gradus.reporting.picture import Picture
from gradus.reporting.table import Marked, Table
from gradus.reporting.visible import LONGEST_LABEL, label, sample, visible

HOSTILE = (
    "$x^$", "$", "$\\frac{1}{$", "%", "_nolegend_", "_", "", " ", "{}", "\\", "a\nb", "\r", "\t", "\0", "\x1b[31m",
    "\x7f", "\x85", "\u2028", "\u202egnp.exe", "\u2066", "\ufeff", "\ufffe", "\uffff", "\ud800", "\U000e0041", "\u200d",
    "😀", "量", "ا", "e\u0301", "<script>alert(1)</script>", "</text>", "-->", "<!--", "]]>", "&", "&amp;", "&#60;",
    '"', "'", 'id="x', "url(#x", "xlink:href=", "a|b", "|", "`a`", "``", "*a*", "**a**", "_a_", "[x](http://e.com)",
    "![x](http://e.com)", "<img src=x onerror=alert(1)>", "https://e.com", "www.e.com", "@name", "a@b.cd", "~~a~~",
    "# x", "- x", "=1+1", "x" * 500,
)  # fmt: skip
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=8) | st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join)
BASE = settings(deadline=None, max_examples=25)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plots")


@settings(BASE, max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.lists(TEXTS, min_size=1, max_size=4))
@example(["$x^$"], ["x" * 5000])
@example(list(HOSTILE[:40]), list(HOSTILE[40:]))
def test_pieces_are_drawn_literally(place: Path, src: list[str], tgt: list[str]) -> None:
    attention_plot(place / "a.svg", src, tgt, [[1 / len(src)] * len(src)] * len(tgt))
    found = drawn(place / "a.svg")
    assert all(fitted(piece, 90) in found for piece in src + tgt)


@settings(BASE, max_examples=5)
@given(st.lists(TEXTS, min_size=2, max_size=4, unique=True))
@example(["$x^$", "_nolegend_", "a\nb", "\ud800"])
def test_names_are_drawn_in_every_plot_and_none_is_left_out(place: Path, names: list[str]) -> None:
    of = looks(names)
    lines = [Line(name, of[name], exact([(0, 2.0), (1, 3.0)]), note=name) for name in names]
    line_plot(place / "1.svg", lines, Scales(names[0], names[1], log_y=True))
    line_plot(place / "2.svg", lines, Scales(names[0], names[1], ticks=names))
    rows = [Row(name, of[name], [1.0] * len(names), fitted(name, 80)) for name in names]
    kinds = [(name, "o", True) for name in names]
    row_plot(place / "3.svg", rows, kinds, RowScale(names[0], [(names[1], 2.0)], fitted(names[0], 80)))
    bar_plot(place / "4.svg", names, [1.0] * len(names), x=names[0], y=names[1])
    for number in range(1, 5):
        shown = drawn(place / f"{number}.svg")
        # The narrowest place for a name is the tick of a bar plot.
        assert all(any(fitted(name, most) in shown for most in (*range(60, 200), 200)) for name in names)


@settings(BASE, max_examples=200)
@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=3))
@example([list(HOSTILE[i : i + 3]) for i in range(0, len(HOSTILE) - 2, 3)])
def test_a_table_of_any_text_has_its_cells_and_nothing_else(place: Path, rows: list[list[str]]) -> None:
    table = Table("t", "Caption.", rows[0], [*rows, [Marked("**ours**"), "1", "2"]])
    page = tabled(table.markdown())
    assert {tag for tag, _ in page.tags} <= {"table", "thead", "tbody", "tr", "th", "td", "strong", "p"}
    expected = [visible(cell).strip() for row in rows for cell in row]
    assert [cell.strip() for cell in page.texts["td"]] == [*expected, "ours", "1", "2"]
    assert [cell.strip() for cell in page.texts["th"]] == expected[:3]
    assert page.texts["strong"] == ["ours"]


@BASE
@given(TEXTS, TEXTS, TEXTS)
@example("<script>alert(1)</script>", 'id="x', "\u202e")
def test_a_page_of_any_text_shows_it_and_does_nothing(place: Path, name: str, text: str, piece: str) -> None:
    attention_plot(place / "attention_x_1.svg", [piece, "y"], [piece], [[0.5, 0.5]])
    part = Part(
        "part",
        "Title",
        pictures=[Picture("attention_x_1", name, text, piece, "x,y\n1,2\n")],
        line=LineExample([piece], {name: ([TokenProbability("5", 0)], "20.0")}),
        translation=TranslationExample(text, piece, {name: text}),
        tables=[Table("t", "Caption.", [name], [[text], [piece]])],
        all_texts={name: text},
    )
    write_page(place / "index.html", Page(name, f"On {name}.", [Headline("Language", "1.00", text)], [part]), place)
    page = Reader((place / "index.html").read_text(encoding="utf-8"))
    assert page.texts["pre"] == [sample(text)]
    assert page.texts["h1"] == [visible(name)]
    assert page.texts["h3"][-1] == visible(name)
    assert page.texts["td"] == ["5", "20.0", sample(text), sample(text), sample(piece), visible(text), visible(piece)]
    assert page.texts["bdi"] == [sample(piece)]
    assert page.texts["p"][0] == f"On {visible(name)}."
    assert "script" not in {tag for tag, _ in page.tags}
    shown = fitted(piece, 90)
    assert page.texts["text"].count(shown) == 2 or not shown.strip()  # in the plot


@settings(BASE, max_examples=200)
@given(TEXTS)
def test_nothing_invisible_is_left_and_what_is_visible_stays(text: str) -> None:
    shown = visible(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Cn", "Zl", "Zp")]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
    if text.isprintable():
        assert shown == text
    assert len(label(text)) <= LONGEST_LABEL
    shown.encode("utf-8")
