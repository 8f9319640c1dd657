"""The look of every plot, and bytes that do not change from run to run."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

CREATOR = "gradus"
"""What every plot names as its creator."""

STYLE = {
    "svg.hashsalt": "gradus",
    "svg.fonttype": "path",
    "text.parse_math": False,  # a word such as $x^$ is a word
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "axes.prop_cycle": cycler(  # Okabe and Ito's palette: told apart by colour-blind readers too
        color=["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]
    ),
}


@contextmanager
def new_figure(path: Path, *, width: float = 6.4, height: float = 3.8, any_script: bool = False) -> Iterator[Axes]:
    """Yield the axes of a plot that is written as SVG when the block ends.

    Args:
        path: the SVG file.
        width: inches.
        height: inches.
        any_script: leave letters to the reader's fonts, for the outlines that matplotlib has are Latin for the most
            part.
    """
    style = STYLE | {"svg.fonttype": "none"} if any_script else STYLE
    with matplotlib.rc_context(style), warnings.catch_warnings():  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        warnings.filterwarnings("ignore", "constrained_layout not applied")  # there are more labels than space
        figure = Figure(figsize=(width, height))
        yield figure.subplots()
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": CREATOR})


def are_plots(folder: Path) -> bool:
    """Say whether a folder holds nothing but plots that `new_figure` wrote."""
    mark = f"<dc:title>{CREATOR}</dc:title>".encode()
    return folder.is_dir() and all(path.is_file() and mark in path.read_bytes()[:2000] for path in folder.iterdir())
