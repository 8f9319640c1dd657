"""Drive the system's Chromium with Playwright; nothing is downloaded."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

NAMES = ("chromium", "chromium-browser", "google-chrome")
"""Names of the program, in order of preference."""
HEIGHT = 900
"""Height of the window in pixels."""

Scheme = Literal["light", "dark"]


def missing() -> str | None:
    """Return what must be installed before a browser can be driven; None if nothing is missing."""
    if not all(map(find_spec, ("playwright", "axe_playwright_python"))):
        return "no Playwright: run make .venv/ready-dev"
    if not _program():
        return "no Chromium: run apt-get install chromium fonts-noto-core fonts-noto-cjk"
    return None


def _program() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Start Chromium without a window; stop it at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # Playwright starts Chromium without its sandbox, which root and some containers do not have. That is safe,
        # because it opens only pages that these programs have made.
        browser = driver.chromium.launch(executable_path=_program())
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: "Browser", file: Path, width: int, scheme: Scheme = "light") -> "Page":
    """Open a file in the browser's only window, which is quicker than a new one; faults are kept for `noise`."""
    page = browser.contexts[0].pages[0] if browser.contexts else _window(browser)
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.emulate_media(color_scheme=scheme, media="screen")
    page.goto("about:blank")
    _WATCH.address, _WATCH.faults = file.resolve().as_uri(), []
    page.goto(_WATCH.address)
    return page


@dataclass
class _Watch:
    address: str = ""
    faults: list[str] = field(default_factory=list)

    def console(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def request(self, request: "Request") -> None:
        if request.url.split("#")[0] != self.address and not request.url.startswith("data:"):
            self.faults.append(f"loads {request.url}")


_WATCH = _Watch()


def _window(browser: "Browser") -> "Page":
    page = browser.new_context(offline=True).new_page()
    page.on("console", _WATCH.console)
    page.on("pageerror", lambda error: _WATCH.faults.append(str(error)))
    page.on("request", _WATCH.request)
    return page


def noise() -> list[str]:
    """Return the errors in the console, and the addresses that the page has asked for besides its own."""
    return list(_WATCH.faults)
