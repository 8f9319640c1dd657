"""Colours of the report, each with a value for a light page and a value for a dark page.

The eight colours of the lines follow Okabe and Ito (2008), "Color Universal Design", but are darker on the light page
and lighter on the dark page: every colour has a contrast of at least 3 to 1 with its page, and any two colours differ
for readers with protanopia, deuteranopia or tritanopia, too.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colour:
    """Colour as two sRGB values, `#rrggbb`. The light value is also the colour in print."""

    light: str
    """Value on a light page."""
    dark: str
    """Value on a dark page."""


LINES = {
    "blue": Colour("#0946af", "#5498ea"),
    "vermilion": Colour("#e6661f", "#f2581c"),
    "green": Colour("#12a57a", "#98f6b0"),
    "plum": Colour("#a9006a", "#d064a8"),
    "ochre": Colour("#6d5b0b", "#e2bf1e"),
    "sky": Colour("#1a82b2", "#43d7f7"),
    "violet": Colour("#ab48f5", "#8550f0"),
    "stone": Colour("#2e2e35", "#b4aea6"),
}
"""Colours that tell lines apart."""

PALETTE = LINES | {
    "paper": Colour("#ffffff", "#16181d"),
    "ink": Colour("#1b1b1b", "#e8e8e8"),
    "muted": Colour("#555555", "#b0b0b0"),
    "rule": Colour("#dddddd", "#3a3d44"),
}
"""All colours: those of the lines, the page (`paper`), its text (`ink`), secondary text (`muted`) and thin lines
(`rule`). No two colours have the same light value, so that a light value names its colour."""


def palette_css() -> str:
    """Return CSS that defines a variable `--NAME` for each colour: light in print, dark on dark screens."""
    light = "".join(f"--{name}:{colour.light};" for name, colour in PALETTE.items())
    dark = "".join(f"--{name}:{colour.dark};" for name, colour in PALETTE.items())
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
