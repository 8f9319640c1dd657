"""Checks of an open page. Each returns a list of faults, which is empty for a good page."""

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.chromium import HEIGHT

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCREENS = 15
"""Most screens of a page before anything is unfolded."""
SHEETS = 20
"""Most printed pages."""
PAPER = 718
"""Width of a sheet of A4 in pixels between margins of 1 cm: 190 mm at 96 pixels per 25.4 mm."""
_MEASURES = Path(__file__).with_name("measures.js").read_text(encoding="utf-8")


def measured(page: "Page", name: str) -> list[str]:
    """Return what a function of measures.js finds."""
    return list(page.evaluate(f"{_MEASURES}\n{name}()"))


def wide(page: "Page") -> list[str]:
    """Find what is wider than the window: the page itself, or an element outside of a box that scrolls."""
    return measured(page, "wide")


def cut(page: "Page") -> list[str]:
    """Find captions, headings and paragraphs whose text is cut off or must be scrolled to."""
    return measured(page, "cut")


def tall(page: "Page") -> list[str]:
    """Find that the page has more than `SCREENS` screens."""
    height = page.evaluate("document.documentElement.scrollHeight")
    return [f"{height} pixels are {height / HEIGHT:.1f} screens"] if height > SCREENS * HEIGHT else []


def long(page: "Page") -> list[str]:
    """Find that the page has more than `SHEETS` printed pages of A4."""
    # Every page of a PDF is an object of the type Page; Chromium does not compress these objects.
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    return [] if 0 < sheets <= SHEETS else [f"{sheets} printed pages"]


def dark_paper(page: "Page") -> list[str]:
    """Find dark backgrounds and light text of the page that is printed in the dark colour scheme."""
    page.emulate_media(media="print", color_scheme="dark")
    found = measured(page, "dark")
    page.emulate_media(media="screen", color_scheme="light")
    return found


def lost_on_paper(page: "Page") -> list[str]:
    """Find boxes that scroll on the screen and would be cut on a sheet of A4."""
    size = page.viewport_size or {"width": 0, "height": HEIGHT}
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": HEIGHT})
    found = measured(page, "lost")
    page.emulate_media(media="screen")
    page.set_viewport_size(size)
    return found


def boxes(page: "Page") -> list[str]:
    """Find characters that no font has, which a browser shows as boxes."""
    return measured(page, "boxes")


def faint(page: "Page") -> list[str]:
    """Find text of drawings with a contrast below 4.5; axe-core looks only at text outside of drawings."""
    return measured(page, "faint")


def unmarked(page: "Page") -> list[str]:
    """Find links and folds that the key Tab does not reach, or that have no outline while they have the focus."""
    for _ in range(page.evaluate(f"{_MEASURES}\nstops()")):
        page.keyboard.press("Tab")
    return measured(page, "unmarked")


def unfold(page: "Page") -> None:
    """Open all folded parts."""
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")


def inaccessible(page: "Page") -> list[str]:
    """Find what axe-core calls a violation. Parts of the page are gone afterwards.

    A screen reader says the name of a drawing, never its parts, so axe-core need not look at them. It compares colours
    last and slowly, so it sees only some of the rows that look alike.
    """
    page.evaluate("for (const drawing of document.querySelectorAll('svg[role=img]')) drawing.replaceChildren()")
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    colours = "color-contrast"
    found = _axe(page, {"runOnly": ["wcag2a", "wcag2aa", "best-practice"], "rules": {colours: {"enabled": False}}})
    page.evaluate(f"{_MEASURES}\nremove_alike()")
    return found + _axe(page, {"runOnly": [colours]})


def _axe(page: "Page", options: dict[str, object]) -> list[str]:
    done = page.evaluate("options => axe.run(document, options)", {**options, "resultTypes": ["violations"]})
    return [
        f"{each['id']}: {each['help']}: {len(each['nodes'])} times, first {each['nodes'][0]['html'][:200]}"
        for each in done["violations"]
    ]


def not_drawn(page: "Page", pieces: Sequence[str]) -> list[str]:
    """Find the pieces that no drawing of the page has as text that can be selected and searched."""
    texts = set(page.evaluate("[...document.querySelectorAll('svg text')].map(each => each.textContent.trim())"))
    return [piece for piece in pieces if piece not in texts]
