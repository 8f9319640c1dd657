"""Draw how much the texts of each model and decoding strategy repeat themselves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from gradus.reporting.drawing.alt_text import rows_in_words
from gradus.reporting.drawing.csv_text import csv_text
from gradus.reporting.drawing.in_words import amount, highest, listed
from gradus.reporting.drawing.looks import MARKERS
from gradus.reporting.drawing.row_plots import Row, RowScale, row_plot
from gradus.reporting.model_looks import language_model_looks
from gradus.reporting.picture import Picture
from gradus.reporting.results import Results

Shares = Mapping[str, Sequence[float | None]]
"""Dict from decoding strategy to the share of repeated 4-grams in per cent of each model; None without a text."""

AXIS = "repeated 4-grams, % (log scale above 0.1%)"


def draw_repetition(results: Results, folder: Path, strategies: Sequence[str]) -> list[Picture]:
    """Write the plot of repeated 4-grams; return it, or nothing if no model has generated a text."""
    models = results.language_models
    shares: dict[str, list[float | None]] = {}
    for strategy in strategies:
        texts = [model.generation.get(strategy) for model in models.values()]
        shares[strategy] = [None if text is None else 100 * text.repeated_4grams for text in texts]
    shares = {strategy: values for strategy, values in shares.items() if any(value is not None for value in values)}
    if not shares:
        return []
    natural = next(iter(models.values())).natural_text.repeated_4grams
    test = None if natural is None else 100 * natural
    looks = language_model_looks(results)
    rows = [Row(name, looks[name], [values[n] for values in shares.values()]) for n, name in enumerate(models)]
    # One shape per strategy; the second round of shapes is filled.
    kinds = [(name, MARKERS[n % len(MARKERS)], n >= len(MARKERS)) for n, name in enumerate(shares)]
    lines = [] if test is None else [("test text", test)]
    row_plot(folder / "repetition.svg", rows, kinds, RowScale(AXIS, lines, shares=True))
    table: list[Sequence[str | float | None]] = [
        (name, strategy, values[n]) for n, name in enumerate(models) for strategy, values in shares.items()
    ]
    table += [("test text", "", value) for _, value in lines]
    alt = rows_in_words(list(models), shares, AXIS) + "".join(
        f" Vertical line, test text: {amount(v)}." for _, v in lines
    )
    finding = repetition_finding(list(models), shares, test)
    csv = csv_text(["model", "strategy", "repeated 4-grams, %"], table)
    return [Picture("repetition", "Which texts repeat themselves?", finding, alt, csv)]


def repetition_finding(models: Sequence[str], shares: Shares, test: float | None) -> str:
    """Return which text repeats itself most, what the test text does, and which strategy is nearest to it.

    Args:
        models: names of the models.
        shares: shares of repeated 4-grams, at least one of them a number.
        test: the share in the test text in per cent; None if it is unknown.
    """
    medians = {strategy: median(value for value in values if value is not None) for strategy, values in shares.items()}
    pairs = {
        f"{name} with {strategy}": value
        for strategy, values in shares.items()
        for name, value in zip(models, values, strict=True)
        if value is not None
    }
    most, share = highest(pairs)
    sentences = [f"{most} repeats itself most: {amount(share)}% of its 4-grams occurred earlier in the same text."]
    if test is not None:
        sentences.append(f"In the test text, cut into pieces of the same length, {amount(test)}% did.")
    if len(models) > 1:
        ranked = sorted(medians.items(), key=lambda item: -item[1])
        texts = listed(f"{amount(value)}% with {strategy}" for strategy, value in ranked)
        sentences.append(f"The median over the models is {texts}.")
    if test is not None and len(medians) > 1:
        nearest = min(medians, key=lambda strategy: abs(medians[strategy] - test))
        sentences.append(f"The strategy {nearest} is nearest to the test text.")
    return " ".join(sentences)
