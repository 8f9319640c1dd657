"""Set the ticks of an axis."""

from collections.abc import Sequence

from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from gradus.reporting.drawing.in_words import exactly

LARGEST = 1e15
"""Largest number that a plot shows. matplotlib draws wrong ticks and margins for larger numbers."""


def linear_ticks(axis: Axis, *, whole: bool = False) -> None:
    """Label a linear axis at about six round numbers, or at whole numbers only."""
    axis.set_major_locator(MaxNLocator(6, integer=whole, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: exactly(value)))


def log_ticks(axis: Axis, values: Sequence[float] = ()) -> None:
    """Label a logarithmic axis whose limits are final.

    Args:
        axis: the axis.
        values: the numbers to label, for an axis with few numbers; by default, powers of ten, or 1, 2, 5, 10, 20, ...
            on an axis with few powers, or round numbers on an axis shorter than one power.
    """
    low, high = sorted(axis.get_view_interval())
    if values:
        axis.set_major_locator(FixedLocator(list(values)))
    elif high < 8 * low:
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    else:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 2000 * low else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: exactly(value)))
    axis.set_minor_locator(NullLocator())
