"""Drive the system's Chromium with Playwright; nothing is downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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

    # Chromium refuses to run as root within its sandbox; it opens only pages that these programs have made.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_program(), args=options)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: "Browser", file: Path, width: int, scheme: Scheme = "light") -> Iterator["Page"]:
    """Open a file in a window of its own; close the window at the end. Faults of loading are kept for `noise`."""
    size = {"width": width, "height": HEIGHT}
    with browser.new_context(viewport=size, color_scheme=scheme, offline=True) as context:
        page = context.new_page()
        address = file.resolve().as_uri()
        found: list[str] = []
        _NOISE[page] = found
        page.on("console", lambda message: message.type in ("error", "warning") and found.append(message.text))
        page.on("pageerror", lambda error: found.append(str(error)))
        page.on("request", lambda request: _is_own(request.url, address) or found.append(f"loads {request.url}"))
        page.goto(address)
        yield page
        del _NOISE[page]


_NOISE: dict["Page", list[str]] = {}


def _is_own(url: str, address: str) -> bool:
    return url.split("#")[0] == address or url.startswith("data:")


def noise(page: "Page") -> list[str]:
    """Return the errors in the console and the addresses other than the page's own that it has asked for."""
    return list(_NOISE[page])
