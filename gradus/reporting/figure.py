"""Style of every plot. The same numbers give the same bytes on every run."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

CREATOR = "gradus"
"""Name in the metadata of every plot, by which `are_plots` recognizes it."""

STYLE = {
    "svg.hashsalt": "gradus",
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
    """Yield the axes of a plot; write the plot as SVG when the block ends.

    Args:
        path: the SVG file.
        width: inches.
        height: inches.
        any_script: write text as text instead of outlines, because matplotlib's own font has few letters that are
            not Latin; the reader's fonts then draw it.
    """
    style = STYLE | {"svg.fonttype": "none"} if any_script else STYLE
    with matplotlib.rc_context(style), warnings.catch_warnings():  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        warnings.filterwarnings("ignore", "constrained_layout not applied")  # long labels can leave no space
        figure = Figure(figsize=(width, height))
        yield figure.subplots()
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": CREATOR})


def are_plots(folder: Path) -> bool:
    """Tell whether all files of a folder are plots that `new_figure` wrote."""
    mark = f"<dc:title>{CREATOR}</dc:title>".encode()
    return folder.is_dir() and all(path.is_file() and mark in path.read_bytes()[:2000] for path in folder.iterdir())
