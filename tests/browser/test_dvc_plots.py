"""The page of `dvc plots` with all scripts in it draws every plot without a network."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.browser.chromium import noise, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.xdist_group("browser")
ENTRIES = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["plots"]
PLOTS = [name for entry in ENTRIES if isinstance(entry, dict) for name in entry]
"""Names of the plots that Vega draws; the other entry is a folder of pictures."""


@pytest.mark.skipif(find_spec("vl_convert") is None, reason="no vl-convert: run make .venv/ready-dev")
def test_every_plot_is_drawn_and_nothing_is_loaded_from_elsewhere(browser: "Browser", tmp_path: Path) -> None:
    template, folder = tmp_path / "plots.html", tmp_path / "plots"
    with template.open("w") as file:
        subprocess.run([sys.executable, ".dvc/plots/offline.py"], stdout=file, check=True)
    command = [sys.executable, "-m", "dvc", "plots", "show", "--html-template", str(template), "--out", str(folder)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "DVC_NO_ANALYTICS": "1"})
    images = f"loads {folder.resolve().as_uri()}/static/"
    page = open_page(browser, folder / "index.html", 1200)
    page.wait_for_function("count => document.querySelectorAll('.vega-embed svg').length >= count", arg=len(PLOTS))
    assert [fault for fault in noise() if not fault.startswith(images)] == []
    drawn = page.evaluate("[...document.querySelectorAll('.vega-embed')].map(plot => plot.textContent)")
    assert len(drawn) == len(PLOTS) == 7
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")


def test_no_name_of_a_plot_breaks_the_script_of_dvc() -> None:
    """DVC writes the names into its script between single quotes."""
    assert not [name for name in PLOTS if "'" in name or "\\" in name]
