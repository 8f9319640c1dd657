"""Every check of a page finds the fault that it is for, and nothing on a good page."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.checks import (
    boxes,
    cut,
    dark_paper,
    faint,
    inaccessible,
    long,
    lost_on_paper,
    not_drawn,
    tall,
    unfold,
    unmarked,
    wide,
)
from tests.browser.chromium import Scheme, missing, noise, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.xdist_group("browser")
HEAD = '<meta name="viewport" content="width=device-width"><title>page</title><style>body { margin: 1em; }</style>'
GOOD = """<main><h1>A page</h1><p>Text</p>
<style>@media print { .wide { display: none; } }</style><p>日本語 ▁ ∞ ×</p>
<div class="wide" style="overflow-x: auto" tabindex="0" role="region" aria-label="numbers"><table>
<caption style="width: 9em">Short</caption>
<tr><th scope="col" style="min-width: 2000px">wide</th></tr><tr><td>1</td></tr></table></div>
<svg role="img" aria-label="drawing" width="99" height="30"><rect width="99" height="30" fill="#036"/>
<text x="5" y="15" fill="#fff">▁pie</text></svg>
<p><a href="#a">A link</a></p><details><summary>More</summary><p>Folded</p></details></main>"""


def shown(browser: "Browser", folder: Path, body: str, width: int = 360, scheme: Scheme = "light") -> "Page":
    file = folder / "page.html"
    file.write_text(f'<!doctype html><html lang="en"><head>{HEAD}</head><body>{body}</body></html>', encoding="utf-8")
    return open_page(browser, file, width, scheme)


def test_a_good_page_has_no_fault(browser: "Browser", tmp_path: Path) -> None:
    page = shown(browser, tmp_path, GOOD)
    unfold(page)
    checks = (wide, cut, tall, long, dark_paper, lost_on_paper, boxes, faint, unmarked, inaccessible)
    assert not_drawn(page, ["▁pie"]) == []
    assert {check.__name__: check(page) for check in checks} == {check.__name__: [] for check in checks}
    assert noise() == []


WIDE = '<p style="width: 500px">wide</p>'
WORDS = "word " * 90
DARK = "@media (prefers-color-scheme: dark)"
FAULTS = {
    "a paragraph wider than the page": (wide, WIDE),
    "a wide box in one that hides it": (wide, f'<div style="overflow-x: hidden">{WIDE}</div>'),
    "a box that begins left of the page": (wide, '<p style="margin-left: -50px; width: 100px">x</p>'),
    "a drawing of a fixed width": (wide, '<svg width="700" height="9"></svg>'),
    "a menu that does not wrap": (wide, f'<nav style="white-space: nowrap">{"<a>entry</a> " * 20}</nav>'),
    "a caption of a table that scrolls": (
        cut,
        f'<div style="overflow-x: auto"><table><caption>{WORDS}</caption><td style="min-width: 900px">1</table></div>',
    ),
    "a caption that is cut": (
        cut,
        f'<figure><figcaption style="overflow: hidden; white-space: nowrap">{WORDS}</figcaption></figure>',
    ),
    "a heading of too little height": (cut, f'<h2 style="overflow: hidden; height: 1em">{WORDS}</h2>'),
    "a caption in a narrow figure": (
        cut,
        f'<div style="overflow: hidden; width: 90px"><figcaption style="width: 200px">{WORDS}</figcaption></div>',
    ),
    "a label over the edge of its drawing": (
        cut,
        '<svg width="60" height="30"><text x="30" y="15">a long label</text></svg>',
    ),
    "a page of sixteen screens": (tall, '<div style="height: 14400px"></div>'),
    "a page of twenty-one sheets": (long, '<p style="break-after: page">x</p>' * 21),
    "a dark sheet": (dark_paper, f"<style>{DARK} {{ body {{ background: #111; }} }}</style>x"),
    "light text on paper": (
        dark_paper,
        "<style>@media (prefers-color-scheme: dark) { p { color: #eee; } }</style><p>x",
    ),
    "a drawing without a name": (inaccessible, '<main><h1>x</h1><svg role="img"><path d="M0 0"/></svg></main>'),
    "text outside of landmarks": (inaccessible, "<main><h1>x</h1></main><p>text</p>"),
    "faint text": (inaccessible, '<main><h1>x</h1><p style="color: #bbb; background: #fff">text</p></main>'),
    "one faint cell of many": (
        inaccessible,
        f'<main><h1>x</h1><table><tr><th scope="col">head</th></tr>{"<tr><td>cell</td></tr>" * 30}'
        '<tr><td style="background: #ccc; color: #aaa">cell</td></tr></table></main>',
    ),
    "a level of headings left out": (inaccessible, "<main><h1>x</h1><h4>y</h4></main>"),
    "a box that only a mouse can scroll": (
        inaccessible,
        '<main><h1>x</h1><div style="overflow: auto; height: 90px">' + "<p>text</p>" * 50 + "</div></main>",
    ),
    "a table that is wider than paper": (
        lost_on_paper,
        '<div style="overflow-x: auto"><table><td style="min-width: 900px">1</table></div>',
    ),
    "a character that no font has": (boxes, "<p>an unknown letter: \U0001fbfa</p>"),
    "an unknown character in a drawing": (boxes, '<svg><text y="20">\U0001fbfa</text></svg>'),
    "black labels on a dark page": (
        faint,
        '<style>body { background: #222; }</style><svg><text y="20">label</text></svg>',
    ),
    "a light number on a light cell": (
        faint,
        '<svg><rect width="90" height="40" fill="#ddd"/><text x="9" y="20" fill="#fff">0.5</text></svg>',
    ),
    "a link that the keyboard passes by": (unmarked, '<a href="#a" tabindex="-1">a</a>'),
    "a link whose focus cannot be seen": (unmarked, '<style>a { outline: none; }</style><a href="#a">a</a>'),
    "a piece that is drawn as a path": (lambda page: not_drawn(page, ["▁pie"]), '<svg><path d="M0 0"/></svg>'),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_check_finds_its_fault(browser: "Browser", tmp_path: Path, fault: str) -> None:
    check, body = FAULTS[fault]
    page = shown(browser, tmp_path, body)
    assert len(check(page)) >= 1


def test_contrast_is_measured_in_both_colour_schemes(browser: "Browser", tmp_path: Path) -> None:
    body = f"<style>{DARK} {{ body {{ background: #222; }} }}</style><main><h1>text</h1></main>"
    found = {}
    for scheme in ("light", "dark"):
        page = shown(browser, tmp_path, body, scheme=scheme)
        found[scheme] = [fault.split(":")[0] for fault in inaccessible(page)]
    assert found == {"light": [], "dark": ["color-contrast"]}


def test_folded_text_is_checked_when_it_is_unfolded(browser: "Browser", tmp_path: Path) -> None:
    page = shown(browser, tmp_path, f"<details><summary>more</summary>{WIDE}</details>")
    assert wide(page) == []
    unfold(page)
    assert len(wide(page)) >= 1


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<script>console.error('broken')</script>", "broken"),
        ("<script>missing.name</script>", "missing is not defined"),
        ('<img alt="x" src="other.png">', "/other.png"),
        ('<link rel="stylesheet" href="http://localhost:9/style.css">', "loads http://localhost:9/style.css"),
        ('<iframe title="x" src="other.html"></iframe>', "/other.html"),
        ("<style>@font-face { font-family: x; src: url(x.woff2); } body { font-family: x; }</style>text", "/x.woff2"),
    ],
)
def test_errors_and_requests_are_noticed(browser: "Browser", tmp_path: Path, body: str, found: str) -> None:
    page = shown(browser, tmp_path, body)
    page.wait_for_load_state()
    assert found in "\n".join(noise())


def test_embedded_data_is_no_request(browser: "Browser", tmp_path: Path) -> None:
    dot = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
    shown(browser, tmp_path, f'<img alt="dot" src="{dot}"><a href="#x">x</a>')
    assert noise() == []


def test_the_reason_to_skip_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert missing() in (
        "no Playwright: run make .venv/ready-dev",
        "no Chromium: run apt-get install chromium fonts-noto-core fonts-noto-cjk",
    )
