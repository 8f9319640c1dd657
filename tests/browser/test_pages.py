"""The report in a real browser: three pages, three widths, both colour schemes, and paper."""

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
from tests.browser.chromium import Scheme, noise, open_page
from tests.browser.made_pages import PAGES, MadePage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
FULL, PHONE = 1200, 360
EVERYWHERE = {"wide": wide, "cut": cut, "faint": faint}
"""Quick checks, which run at every width, folded and unfolded, and in both colour schemes."""
CHECKS = {
    PHONE: [*EVERYWHERE, "noise", "dark paper", "inaccessible"],
    800: [*EVERYWHERE, "noise"],
    FULL: [*EVERYWHERE, "noise", "tall", "long", "lost on paper", "not drawn", "boxes", "unmarked", "inaccessible"],
}
"""Dict from width of the window to checks."""
AXE: dict[int, Scheme] = {PHONE: "dark", FULL: "light"}
"""Dict from width of the window to the colour scheme that axe-core sees."""
Found = dict[str, list[str]]


def cases() -> list[tuple[str, int, str]]:
    """Return name, width and check of every test."""
    return [(name, width, check) for name in PAGES for width, checks in CHECKS.items() for check in checks]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MadePage]:
    return {name: make(tmp_path_factory.mktemp(name)) for name, make in PAGES.items()}


@pytest.fixture(scope="module")
def seen() -> dict[tuple[str, int], Found]:
    """Faults that all checks found, by page and width, so that a page is loaded once for each width."""
    return {}


def look(page: "Page", width: int, pieces: frozenset[str]) -> Found:
    """Run all checks of a width; put the colour scheme before each fault that can depend on it."""
    found: Found = {name: [] for name in EVERYWHERE}
    if width == FULL:
        found |= {"tall": tall(page), "long": long(page), "not drawn": not_drawn(page, sorted(pieces))}
    if width == PHONE:
        found["dark paper"] = dark_paper(page)
    for state in ("folded", "unfolded"):
        if state == "unfolded":
            unfold(page)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for name, check in EVERYWHERE.items():
                found[name] += [f"{scheme}, {state}: {fault}" for fault in check(page)]
    if width == FULL:
        found |= {"boxes": boxes(page), "unmarked": unmarked(page), "lost on paper": lost_on_paper(page)}
    if width in AXE:
        page.emulate_media(color_scheme=AXE[width])
        found["inaccessible"] = inaccessible(page)
    return found | {"noise": noise()}


@pytest.mark.parametrize(("name", "width", "check"), cases())
def test_the_page_has_no_fault(
    browser: "Browser",
    pages: dict[str, MadePage],
    seen: dict[tuple[str, int], Found],
    name: str,
    width: int,
    check: str,
) -> None:
    if (name, width) not in seen:
        page = open_page(browser, pages[name].file, width)
        seen[name, width] = look(page, width, pages[name].pieces)
    assert seen[name, width][check] == []
