"""Draw how sparse and how large n-gram models become with their order."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from gradus.reporting.drawing.alt_text import bars_in_words, lines_in_words
from gradus.reporting.drawing.bar_plots import bar_plot
from gradus.reporting.drawing.csv_text import csv_text
from gradus.reporting.drawing.in_words import amount, times
from gradus.reporting.drawing.line_plots import Line, Scales, exact, line_plot
from gradus.reporting.drawing.looks import looks
from gradus.reporting.ngrams import orders_of
from gradus.reporting.picture import Picture
from gradus.reporting.results import Results

ENTRIES = ("", ", thousands", ", millions")
"""Units for numbers of n-grams, written as suffixes of an axis label. Each unit is a thousand times the unit before."""
BYTES = ("bytes", "kB", "MB", "GB")
"""Units for sizes on disk. Each unit is a thousand times the unit before."""
ORDER = "order"


def draw_ngram_sizes(results: Results, folder: Path) -> list[Picture]:
    """Write the plots of unseen n-grams, distinct n-grams and sizes on disk; return the plots."""
    name, first = next(iter(results.smoothers.items()))
    models = {int(order): first.orders[order] for order in orders_of(results)}
    return [
        _unseen(folder, {order: 100 * model.unseen_share for order, model in models.items()}),
        _entries(folder, {order: model.entries for order, model in models.items()}),
        _bytes(folder, {order: model.bytes for order, model in models.items()}, name),
    ]


def _unseen(folder: Path, shares: Mapping[int, float]) -> Picture:
    scales = Scales(ORDER, "n-grams never seen in training, % of the test text's", whole=True)
    points = list(shares.items())
    line_plot(folder / "unseen.svg", [Line("test text", looks(["test text"])["test text"], exact(points))], scales)
    alt = lines_in_words({"test text": points}, scales)
    csv = csv_text([ORDER, "unseen, %"], points)
    return Picture("unseen", "How much of the test text is new", unseen_finding(shares), alt, csv)


def unseen_finding(shares: Mapping[int, float]) -> str:
    """Return the share of unseen n-grams at the highest and the lowest order, and where it passes one half."""
    first, last = min(shares), max(shares)
    text = f"{amount(shares[last])}% of the test text's n-grams of order {last} do not occur in the training text"
    if first == last:
        return f"{text}."
    half = next((order for order in sorted(shares) if shares[order] > 50), None)
    more = f" From order {half} on, more than half are new." if half not in (None, first) else ""
    return f"{text}; of order {first}, {amount(shares[first])}% do not.{more}"


def _entries(folder: Path, counts: Mapping[int, int]) -> Picture:
    shown, unit = scaled(list(counts.values()), ENTRIES)
    names, label = list(map(str, counts)), f"distinct n-grams of the training text{unit}"
    bar_plot(folder / "entries.svg", names, shown, x=ORDER, y=label)
    alt, csv = bars_in_words(names, shown, ORDER, label), csv_text([ORDER, "distinct n-grams"], list(counts.items()))
    return Picture("entries", "How many n-grams the training text has", entries_finding(counts), alt, csv)


def entries_finding(counts: Mapping[int, int]) -> str:
    """Return the numbers of distinct n-grams at both ends, and the last growth."""
    first, *_, last = [min(counts), max(counts)]
    text = f"The training text has {amount(counts[first])} distinct n-grams of order {first}"
    if first == last:
        return f"{text}."
    before = max(order for order in counts if order < last)
    ratio = f", {times(counts[last] / counts[first])} as many" if 0 < counts[first] < counts[last] else ""
    growth = 100 * (counts[last] / counts[before] - 1) if counts[before] else 0.0
    change = f" From order {before} to {last} the number changes by {growth:+,.1f}%." if before != first else ""
    return f"{text} and {amount(counts[last])} of order {last}{ratio}.{change}"


def _bytes(folder: Path, sizes: Mapping[int, int], smoother: str) -> Picture:
    shown, unit = scaled(list(sizes.values()), BYTES)
    names, label = list(map(str, sizes)), f"size on disk, {unit}"
    bar_plot(folder / "bytes.svg", names, shown, x=ORDER, y=label)
    alt, csv = bars_in_words(names, shown, ORDER, label), csv_text([ORDER, "bytes"], list(sizes.items()))
    return Picture("bytes", "What an n-gram model costs on disk", bytes_finding(sizes, smoother), alt, csv)


def bytes_finding(sizes: Mapping[int, int], smoother: str) -> str:
    """Return the sizes on disk of the smallest and the largest order of a smoother."""
    first, last = min(sizes), max(sizes)
    ((large,), unit) = scaled([sizes[last]], BYTES)
    ratio = f", {times(sizes[last] / sizes[first])} as much as order {first}" if 0 < sizes[first] < sizes[last] else ""
    text = f"The {smoother} model of order {last} takes {amount(large)} {unit}{ratio}"
    return f"{text}. A model also stores all shorter n-grams."


def scaled(values: Sequence[float], units: Sequence[str]) -> tuple[list[float], str]:
    """Convert values to the largest unit in which the greatest value is at least 1; return the values and this unit.

    Args:
        values: numbers in the first unit of `units`.
        units: names of units; each unit is a thousand times the unit before.
    """
    power = 0
    while power + 1 < len(units) and max(values) >= 1000 ** (power + 1):
        power += 1
    return [value / 1000**power for value in values], units[power]
