"""Create plots in a common style. If two plots show the same numbers, their files are identical."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

CREATOR = "gradus"
"""Name in the metadata of every plot. `are_plots` recognizes plots by this name."""

STYLE = {
    "svg.hashsalt": "gradus",  # without a fixed salt matplotlib writes random ids
    "svg.fonttype": "path",
    "text.parse_math": False,  # a token such as $x^$ is text, not a formula
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "axes.prop_cycle": cycler(  # Okabe and Ito's palette, which colour-blind readers can distinguish
        color=["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]
    ),
}


@contextmanager
def new_figure(path: Path, *, width: float = 6.4, height: float = 3.8, any_script: bool = False) -> Iterator[Axes]:
    """Yield the axes of a new plot; write the plot as an SVG file at the end of the `with` block.

    Args:
        path: the SVG file.
        width: width of the plot, in inches.
        height: height of the plot, in inches.
        any_script: whether labels may be in any script. If so, the file contains them as text, which the browser draws
            with its own fonts. Otherwise the file contains outlines from matplotlib's font, which has few letters
            outside the Latin script.
    """
    style = STYLE | {"svg.fonttype": "none"} if any_script else STYLE
    with matplotlib.rc_context(style), warnings.catch_warnings():  # type: ignore[arg-type]
        # matplotlib measures text with its own font, which lacks letters that the browser will draw
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        warnings.filterwarnings("ignore", "constrained_layout not applied")  # cause: long labels
        figure = Figure(figsize=(width, height))
        yield figure.subplots()
        # The file contains no date, so that the same numbers always give the same file.
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": CREATOR})


def are_plots(folder: Path) -> bool:
    """Return whether all files in a folder are plots that `new_figure` wrote."""
    mark = f"<dc:title>{CREATOR}</dc:title>".encode()
    return folder.is_dir() and all(path.is_file() and mark in path.read_bytes()[:2000] for path in folder.iterdir())
