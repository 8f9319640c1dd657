"""Plots are real text of any script, leave space for it, and have the same bytes for the same numbers."""

import re
from pathlib import Path

import pytest
from readers import drawn
from svg_reader import Plot

from gradus.reporting.drawing.attention_plots import WIDEST, attention_plot
from gradus.reporting.drawing.bar_plots import bar_plot
from gradus.reporting.drawing.figure import are_plots
from gradus.reporting.drawing.inline_svg import inline_svg
from gradus.reporting.drawing.line_legend import LINE, spread
from gradus.reporting.drawing.line_plots import Line, Scales, exact, line_plot, shown_points
from gradus.reporting.drawing.looks import looks
from gradus.reporting.drawing.palette import PALETTE
from gradus.reporting.drawing.row_plots import Row, RowScale, row_plot
from gradus.reporting.drawing.text_width import SIZE, cut, text_width

ODD = [(0.0, 1.0, 1.0, 1.0), (1.0, -1.0, -1.0, -1.0), (1.0, 1e300, 1.0, 1.0), (1.0, 1.0, 2.0, 0.5)]
LOOK = looks(["one", "two"])


def all_kinds(folder: Path, name: str = "one") -> list[Path]:
    """Draw one plot of each kind."""
    folder.mkdir(exist_ok=True)
    line = Line(name, LOOK["one"], exact([(1, 2.0), (2, 30.0)]))
    line_plot(folder / "line.svg", [line, Line("two", LOOK["two"], [(1, 5.0, 4.0, 6.0)])], Scales("x", "y", log_y=True))
    row_plot(folder / "row.svg", [Row(name, LOOK["one"], [3.0, 4.0], "4")], [("a", "o", False), ("b", "o", True)],
             RowScale("x", [("floor", 2.0)], "best"))  # fmt: skip
    bar_plot(folder / "bar.svg", [name, "2"], [1.0, 2.0], x="x", y="y")
    attention_plot(folder / "attention.svg", [name, "b"], ["c"], [[0.25, 0.75]])
    return sorted(folder.iterdir())


def test_the_same_numbers_give_the_same_bytes_without_a_date(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in all_kinds(tmp_path / "a")]
    assert first == [path.read_bytes() for path in all_kinds(tmp_path / "b")]
    assert not any(b"date" in content for content in first)
    assert are_plots(tmp_path / "a")
    (tmp_path / "a" / "other.svg").write_text("<svg/>")
    assert not are_plots(tmp_path / "a")


def test_plots_are_small_and_all_their_colours_follow_the_page(tmp_path: Path) -> None:
    for path in all_kinds(tmp_path):
        assert path.stat().st_size < 6000
        page = inline_svg(path, 'A "plot" <of> dots.')
        assert page.startswith('<svg role="img" aria-label="A &#34;plot&#34; &lt;of&gt; dots." ')
        assert "metadata" not in page and f"var(--ink,{PALETTE['ink'].light})" in page
        assert not re.findall(r"(?<!,)#[0-9a-f]{6}", page)  # a colour that no variable replaces
        ids, used = set(re.findall(r'\bid="([^"]+)"', page)), set(re.findall(r'href="#([^"]+)"', page))
        assert ids == used and all(name.startswith(f"{path.stem}-") for name in ids)


@pytest.mark.parametrize("name", ["日本語のモデル", "نموذج", "मॉडल", "😀", "<b>&amp;"])
def test_text_of_any_script_is_text(tmp_path: Path, name: str) -> None:
    assert all(name in drawn(path) for path in all_kinds(tmp_path, name))


def test_wide_letters_get_the_space_that_they_need(tmp_path: Path) -> None:
    assert text_width("日本語") == 3 * SIZE  # full-width letters take one em
    assert text_width("e\u0301") == text_width("e")  # an accent takes none
    name = "日本語の長い長い長い名前"  # 12 em = 108 points
    line_plot(tmp_path / "a.svg", [Line(name, LOOK["one"], exact([(1, 2.0)])), Line("two", LOOK["two"], [])],
              Scales("x", "y"))  # fmt: skip
    plot = Plot(tmp_path / "a.svg")
    assert plot.text(name).x + 12 * SIZE <= plot.width
    row_plot(tmp_path / "b.svg", [Row(name, LOOK["one"], [3.0])], [("a", "o", True)], RowScale("x"))
    assert Plot(tmp_path / "b.svg").text(name).x - 12 * SIZE >= 0  # the text ends there


def test_long_text_loses_its_middle() -> None:
    assert cut("short", 100) == "short"
    shown = cut("abcdefghijklmnopqrstuvwxyz", 60)
    assert text_width(shown) <= 60 and shown.startswith("abc") and shown.endswith("yz") and "…" in shown


def test_labels_keep_their_distance_and_their_order() -> None:
    assert spread([100.0, 50.0], [LINE, LINE], 0, 200) == [100.0, 50.0]
    heights = spread([100.0, 99.0, 98.0, 5.0], [LINE] * 4, 0, 200)
    assert heights == [100.0, 100 - LINE, 100 - 2 * LINE, 5.0]
    # the second and the third label have a second line below them
    crowded = spread([3.0, 2.0, 1.0], [LINE, 2 * LINE, 2 * LINE], 0, 200)
    assert crowded == [4 * LINE, 3 * LINE, LINE]


@pytest.mark.parametrize(
    ("log", "shown"),
    [(False, [ODD[0], ODD[1], ODD[3]]), (True, [ODD[3]])],
)
def test_points_that_an_axis_cannot_show_are_left_out(
    tmp_path: Path, log: bool, shown: list[tuple[float, float, float, float]]
) -> None:
    scales = Scales("x", "y", log, log)
    assert shown_points(ODD, scales) == shown
    for name, points in {"odd": ODD, "none": [], "zero": [(0.0, 0.0, 0.0, 0.0)], "tiny": [(1.0, 1e-300, 0, 1)]}.items():
        line_plot(tmp_path / f"{name}.svg", [Line(name, LOOK["one"], points)], scales)
        assert "nan" not in drawn(tmp_path / f"{name}.svg") and "inf" not in (tmp_path / f"{name}.svg").read_text()


def test_many_points_have_a_band_and_few_markers(tmp_path: Path) -> None:
    points = [(float(n), 2.0, 1.0, 3.0) for n in range(100)]
    line_plot(tmp_path / "a.svg", [Line("one", LOOK["one"], points)], Scales("x", "y"))
    assert (tmp_path / "a.svg").read_text().count("<use") == 12  # each 9th of 100
    assert "opacity:0.15" in (tmp_path / "a.svg").read_text()


def test_attention_has_named_axes_a_scale_and_fits_a_page(tmp_path: Path) -> None:
    for columns, rows in ((1, 1), (3, 70), (80, 80), (90, 2)):
        weights = [[1 / columns] * columns] * rows
        attention_plot(tmp_path / "a.svg", ["日本語"] * columns, ["देवनागरी"] * rows, weights)
        plot = Plot(tmp_path / "a.svg")
        texts = [text.what for text in plot.texts]
        assert {"source →", "translation ↓", "attention", "weight", "0", "0.5", "1"} <= set(texts)
        assert (texts.count("日本語"), texts.count("देवनागरी")) == (min(columns, 80), min(rows, 80))
        assert plot.width <= WIDEST + 1 <= 750  # 750 points are 1000 pixels
        assert all(0 <= text.x <= plot.width and 0 <= text.y <= plot.height for text in plot.texts)


def test_rows_without_numbers_are_drawn(tmp_path: Path) -> None:
    rows = [Row("one", LOOK["one"], [None, 1e300], "∞"), Row("two", LOOK["two"], [0.0, None])]
    kinds = [("a", "o", True), ("b", "s", False)]
    row_plot(tmp_path / "a.svg", rows, kinds, RowScale("%", shares=True))
    row_plot(tmp_path / "b.svg", rows[:1], kinds, RowScale("perplexity", [("floor", 1e300)], "best"))
    assert all("one" in drawn(tmp_path / name) for name in ("a.svg", "b.svg"))


def test_values_that_are_wider_than_their_bar_are_left_out(tmp_path: Path) -> None:
    bar_plot(tmp_path / "few.svg", ["1", "2"], [1234.5, 20000.5], x="x", y="y")
    assert {"1,234", "20,000"} <= {text.what for text in Plot(tmp_path / "few.svg").texts}
    bar_plot(tmp_path / "many.svg", list(map(str, range(30))), [20000.5] * 30, x="x", y="y")
    assert "20,000" not in {text.what for text in Plot(tmp_path / "many.svg").texts if text.x > 60}  # not the tick
