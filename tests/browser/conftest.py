"""The browser of a module's tests."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import chromium, missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    # Not for the whole session: while Playwright runs, no other test of this process could start an event loop.
    if reason := missing():
        pytest.skip(reason)
    with chromium() as started:
        yield started
