"""Draw the perplexities of all language models: all in one plot, and the best of them at their own scale."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from gradus.reporting.drawing.alt_text import rows_in_words
from gradus.reporting.drawing.csv_text import csv_text
from gradus.reporting.drawing.in_words import amount, highest, listed, lowest, times
from gradus.reporting.drawing.row_plots import Row, RowScale, row_plot
from gradus.reporting.language_models import floors, ladder_names, perplexities
from gradus.reporting.model_looks import language_model_looks
from gradus.reporting.picture import Picture
from gradus.reporting.results import Results
from gradus.results.score import CONTEXTS

CLOSE = 2.0
"""Largest ratio of a model's perplexity to that of the best model in the plot of the best models."""
READS = {"line": "reads only the current line", "stream": "reads all earlier text"}
"""Dict from context to the text that a model reads before it predicts a token."""
AXIS = "perplexity of the test text (log scale)"

Perplexities = Mapping[str, Mapping[str, float | None]]
"""Dict from name of a model to its perplexity in each context; None if the model has no perplexity there."""


def draw_ladder(results: Results, folder: Path) -> list[Picture]:
    """Write the plot of all language models and, where it helps, the plot of the best ones; return the plots."""
    names = ladder_names(results)
    models: Perplexities = {names[name]: perplexities(model) for name, model in results.ladder.items()}
    floor = floors(results)
    title = "How well does each model predict the test text?"
    pictures = [_picture("ladder", title, ladder_finding(models, floor), models, floor)]
    close = close_models(models)
    if close:
        title = "The best models at their own scale"
        pictures.append(_picture("ladder_close", title, close_finding(close, floor), close, floor))
    for picture, shown in zip(pictures, (models, close), strict=False):
        _draw(folder / f"{picture.name}.svg", shown, floor, results)
    return pictures


def best_of(values: Mapping[str, float | None]) -> tuple[str, float] | None:
    """Return the context with the lowest finite perplexity, and this perplexity; None if no perplexity is finite."""
    finite = {context: value for context, value in values.items() if value is not None and math.isfinite(value)}
    return min(finite.items(), key=lambda item: item[1]) if finite else None


def close_models(models: Perplexities) -> Perplexities:
    """Return the models whose perplexity is at most twice that of the best model.

    The result is empty if a plot of these models would show fewer than two models, or all models with a perplexity.
    """
    best = {name: found[1] for name, values in models.items() if (found := best_of(values))}
    close = [name for name, value in best.items() if value <= CLOSE * min(best.values())]
    return {name: models[name] for name in close} if 2 <= len(close) < len(best) else {}


def _draw(path: Path, models: Perplexities, floor: Mapping[str, float], results: Results) -> None:
    names = ladder_names(results)
    looks = {names[name]: look for name, look in language_model_looks(results).items()}
    contexts = [context for context in CONTEXTS if any(values[context] is not None for values in models.values())]
    rows = [
        Row(name, looks[name], [_finite(values[context]) for context in contexts], _row_text(values))
        for name, values in models.items()
    ]
    kinds = [(READS[context], "o", context == "stream") for context in contexts]
    names = {"line": "floor, current line", "stream": "floor, all earlier text"}
    lines = [(names[context], floor[context]) for context in contexts if context in floor]
    row_plot(path, rows, kinds, RowScale(AXIS, lines, column="lowest" if len(kinds) > 1 else "perplexity"))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _row_text(values: Mapping[str, float | None]) -> str:
    best = best_of(values)
    infinite = [context for context, value in values.items() if value == math.inf]
    if best is None:
        return "∞" if infinite else "not a probability"
    return f"{amount(best[1])}{''.join(f' ({context} ∞)' for context in infinite)}"


def _picture(name: str, title: str, finding: str, models: Perplexities, floor: Mapping[str, float]) -> Picture:
    rows: list[Sequence[str | float | None]] = [
        (model, context, value)
        for model, values in models.items()
        for context, value in values.items()
        if context == "line" or value is not None
    ]
    rows += [("floor", context, value) for context, value in floor.items()]
    series: dict[str, list[float | None]] = {
        context: [values[context] for values in models.values()] for context in CONTEXTS
    }
    alt = rows_in_words(list(models), series, AXIS)
    lines = "".join(f" Vertical line, floor of the {context}: {amount(value)}." for context, value in floor.items())
    return Picture(name, title, finding, alt + lines, csv_text(["model", "context", "perplexity"], rows))


def ladder_finding(models: Perplexities, floor: Mapping[str, float]) -> str:
    """Return what the plot of all models shows: the best and the worst model, the floor, and what is not finite."""
    found = {name: each for name, values in models.items() if (each := best_of(values))}
    values = {name: value for name, (_, value) in found.items()}
    sentences = []
    if len(values) == 1:
        name, value = lowest(values)
        sentences.append(f"{name} has a perplexity of {amount(value)}.")
    elif values:
        (best, low), (worst, high) = lowest(values), highest(values)
        text = f"{best} predicts best: its perplexity is {amount(low)}; that of {worst} is {times(high / low)} as high"
        sentences.append(f"{text} ({amount(high)}). Lower is better.")
    if values and (context := found[lowest(values)[0]][0]) in floor:
        ratio = lowest(values)[1] / floor[context]
        text = f"The source that generated the text has {amount(floor[context])}, the floor of every model"
        sentences.append(f"{text} that {READS[context]}: the best model is at {amount(ratio)} times its floor.")
    return " ".join([*sentences, *_gain(models), *_without(models)])


def _gain(models: Perplexities) -> list[str]:
    """Return a sentence about the model that gains most from reading all earlier text, if a model gains."""
    ratios = {
        name: line / stream
        for name, values in models.items()
        if (line := _finite(values["line"])) and (stream := _finite(values["stream"]))
    }
    if not ratios or highest(ratios)[1] <= 1:
        return []
    name = highest(ratios)[0]
    before, after = (amount(models[name][context] or 0.0) for context in CONTEXTS)
    return [f"Reading all earlier text instead of the line alone helps {name} most: {before} becomes {after}."]


def _without(models: Perplexities) -> list[str]:
    """Return sentences about the models without a finite perplexity."""
    infinite = [name for name, values in models.items() if not best_of(values) and math.inf in values.values()]
    others = [name for name, values in models.items() if not best_of(values) and name not in infinite]
    texts = []
    if infinite:
        verb = "gives" if len(infinite) == 1 else "give"
        texts.append(f"{listed(infinite)} {verb} some token of the test text probability zero (∞).")
    if others:
        texts.append(f"The scores of {listed(others)} are not probabilities, so there is no perplexity.")
    return texts


def close_finding(close: Perplexities, floor: Mapping[str, float]) -> str:
    """Return what the plot of the best models shows: their order and their distances to the best one."""
    values = {name: best[1] for name, of in close.items() if (best := best_of(of))}
    order = sorted(values, key=lambda name: values[name])
    ranked = listed(f"{name} {amount(values[name])}" for name in order)
    gap = times(values[order[1]] / values[order[0]])
    text = f"All models within a factor of {CLOSE:g} of the best, from best to worst: {ranked}. "
    lines = f" The floors are {listed(amount(value) for value in floor.values())}." if floor else ""
    return f"{text}The perplexity of the second is {gap} that of the first.{lines}"
