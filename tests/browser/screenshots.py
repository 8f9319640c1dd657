"""Write small pictures of the committed run's page for the README.

python -m tests.browser.screenshots      (make screenshots)
"""

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.browser.chromium import Scheme, chromium, missing, open_page
from tests.browser.made_pages import committed

FOLDER = Path("docs/images")
SHOTS: dict[str, tuple[int, Scheme]] = {
    "report-light": (1200, "light"),
    "report-dark": (1200, "dark"),
    "report-phone": (360, "light"),
}
"""Dict from the name of a picture to the width of the window and the colour scheme; the top of the page is shown."""
LARGEST = 120_000
"""Largest size of a picture in bytes."""


def main() -> int:
    """Write the pictures; return the exit code."""
    if reason := missing():
        print(reason, file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = committed(Path(folder)).file
        for name, view in SHOTS.items():
            page = open_page(browser, file, *view)
            content = small(page.screenshot())
            (FOLDER / f"{name}.png").write_bytes(content)
            print(f"{FOLDER / name}.png: {len(content)} bytes")
    return 0


def small(png: bytes, largest: int = LARGEST) -> bytes:
    """Reduce the colours of a picture until it has at most `largest` bytes."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        file = BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= largest:
            return file.getvalue()
    raise ValueError(f"expected at most {largest} bytes, found {file.tell()} with 16 colours; show less of the page")


if __name__ == "__main__":
    sys.exit(main())
