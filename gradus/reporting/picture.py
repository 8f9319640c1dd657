"""Type of a plot with the texts and the numbers that belong to it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """Plot of the report. The file of a plot is NAME.svg."""

    name: str
    """File name without suffix."""
    title: str
    """Sentence that says what the plot is about. The file does not contain it."""
    finding: str
    """Caption: what the numbers of this run show, and what an axis means if its label is not enough."""
    alt: str
    """Text that replaces the plot for a reader who cannot see it: kind of plot, axes with units, and numbers."""
    csv: str
    """All numbers of the plot as CSV; the first line is the header."""
