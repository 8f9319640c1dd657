"""Draw BLEU by source length, and the attention weights of each translation model with attention."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from gradus.reporting.drawing.alt_text import lines_in_words
from gradus.reporting.drawing.attention_plots import MOST_PIECES, attention_plot
from gradus.reporting.drawing.csv_text import csv_text
from gradus.reporting.drawing.in_words import amount, highest, listed
from gradus.reporting.drawing.line_plots import Line, Scales, exact, line_plot
from gradus.reporting.model_looks import translation_model_looks
from gradus.reporting.picture import Picture
from gradus.reporting.results import Results
from gradus.reporting.translation import bleu_at, source_lengths
from gradus.results.details import Attention

ByLength = Mapping[str, Mapping[str, float]]
"""Dict from model to its BLEU by range of source lengths; a range with too few sentences has no BLEU."""


def draw_translation(results: Results, folder: Path) -> list[Picture]:
    """Write the plot of BLEU by source length and one attention plot per model with attention; return the plots."""
    lengths = source_lengths(next(iter(results.translators.values())))
    values: ByLength = {
        name: {length: bleu for length in lengths if (bleu := bleu_at(model.headline, length)) is not None}
        for name, model in results.translators.items()
    }
    pictures = [_by_length(results, folder, lengths, values)] if any(values.values()) else []
    return [
        *pictures,
        *(_attention(folder, name, each) for name, of in results.mt_details.items() for each in of.attention[:1]),
    ]


def _by_length(results: Results, folder: Path, lengths: Sequence[str], values: ByLength) -> Picture:
    looks = translation_model_looks(results)
    series: dict[str, list[tuple[float, float]]] = {
        name: [(lengths.index(length), bleu) for length, bleu in of.items()] for name, of in values.items()
    }
    lines = [Line(name, looks[name], exact(points), "" if points else "no BLEU") for name, points in series.items()]
    scales = Scales("words in the source sentence", "BLEU, points of 100", ticks=lengths)
    line_plot(folder / "bleu_by_length.svg", lines, scales)
    rows = [(name, length, bleu) for name, of in values.items() for length, bleu in of.items()]
    csv = csv_text(["model", scales.x, "BLEU"], rows)
    title, finding = "Do long sentences stay well translated?", length_finding(values, lengths)
    return Picture("bleu_by_length", title, finding, lines_in_words(series, scales), csv)


def length_finding(values: ByLength, lengths: Sequence[str]) -> str:
    """Return the best model at the shortest and the longest sentences, and the model that loses most between them."""
    shared = [length for length in lengths if any(length in of for of in values.values())]
    texts = []
    for length in dict.fromkeys((shared[0], shared[-1])):
        found = {name: of[length] for name, of in values.items() if length in of}
        best, bleu = highest(found)
        texts.append(f"{best} is best with {amount(bleu)} at {length} words" if len(values) > 1 else
                     f"{best} has {amount(bleu)} at {length} words")  # fmt: skip
    drops = {name: of[shared[0]] - of[shared[-1]] for name, of in values.items() if {shared[0], shared[-1]} <= set(of)}
    text = f"BLEU of sentences of different lengths: {listed(texts)}."
    if len(shared) > 1 and drops and highest(drops)[1] > 0:
        name, drop = highest(drops)
        before, after = amount(values[name][shared[0]]), amount(values[name][shared[-1]])
        text += f" {name} loses most: {amount(drop)} points, from {before} to {after}."
    return text


def _attention(folder: Path, name: str, attention: Attention) -> Picture:
    file = f"attention_{name}_1"
    attention_plot(folder / f"{file}.svg", attention.src, attention.tgt, attention.weights)
    rows: list[Sequence[str | float | None]] = [
        (tgt, *weights) for tgt, weights in zip(attention.tgt, attention.weights, strict=True)
    ]
    csv = csv_text(["translation \\ source", *attention.src], rows)
    title = f"Where {name} looks while it translates"
    return Picture(file, title, attention_finding(attention), attention_alt(attention), csv)


def attention_finding(attention: Attention) -> str:
    """Return how sharp the attention is, its strongest and its most spread row, and how to read the plot."""
    peaks = [max(weights) for weights in attention.weights]
    sharp = sum(peak > 0.5 for peak in peaks)
    rows = sorted(range(len(peaks)), key=lambda row: -peaks[row])
    text = (
        f"{sharp} of the {len(peaks)} pieces of the translation put more than half of their weight on one source piece"
    )
    text += f": “{attention.tgt[rows[0]]}” looks at “{_top(attention, rows[0])}” ({peaks[rows[0]]:.2f})"
    if len(rows) > 1:
        text += f"; “{attention.tgt[rows[-1]]}” spreads its weight most, at most {peaks[rows[-1]]:.2f} on one piece"
    whole = max(len(attention.src), len(attention.tgt)) <= MOST_PIECES
    cut = "" if whole else f" Only the first {MOST_PIECES} pieces are shown."
    return f"{text}. A stronger colour is a larger weight; the weights of a row add up to 1.{cut}"


def attention_alt(attention: Attention) -> str:
    """Return the source piece with the largest weight, for each piece of the translation."""
    pairs = [
        f"{tgt}: {_top(attention, row)} {max(attention.weights[row]):.2f}" for row, tgt in enumerate(attention.tgt)
    ]
    head = (
        f"Matrix of attention weights from 0 to 1. Rows: the {len(attention.tgt)} pieces of the translation. Columns: "
    )
    return (
        f"{head}the {len(attention.src)} pieces of the source sentence. The source piece with the largest weight, for "
        f"each piece of the translation: {'; '.join(pairs[:MOST_PIECES])}."
    )


def _top(attention: Attention, row: int) -> str:
    weights = attention.weights[row]
    return attention.src[weights.index(max(weights))]
