"""Draw the training curves: validation loss and gradient norm against the optimizer step."""

from collections.abc import Mapping
from pathlib import Path

from gradus.reporting.drawing.alt_text import lines_in_words
from gradus.reporting.drawing.csv_text import csv_text
from gradus.reporting.drawing.in_words import amount, highest, listed, lowest
from gradus.reporting.drawing.line_plots import Line, Scales, exact, line_plot
from gradus.reporting.drawing.looks import Look
from gradus.reporting.model_looks import language_model_looks, translation_model_looks
from gradus.reporting.picture import Picture
from gradus.reporting.results import Results
from gradus.results.details import HistoryRow

Histories = Mapping[str, list[HistoryRow]]
"""Dict from model name to the rows of its training history, one row per epoch."""
Curves = Mapping[str, list[tuple[float, float]]]
"""Dict from model name to points (optimizer step, value), at least one per model."""

LOSS = Scales("optimizer step", "validation loss, nats per token", whole=True)
NORM = Scales("optimizer step", "gradient norm before clipping, mean of an epoch", log_y=True, whole=True)
KINDS = {"lm": "language models", "mt": "translation models"}


def histories(results: Results) -> dict[str, Histories]:
    """Return a dict from track (`lm` or `mt`) to the training histories of its models.

    Models without a training history, such as n-gram models, are left out.
    """
    return {
        "lm": {name: details.history for name, details in results.lm_details.items() if details.history},
        "mt": {name: details.history for name, details in results.mt_details.items() if details.history},
    }


def losses(runs: Histories) -> dict[str, list[tuple[float, float]]]:
    """Return a dict from model name to points (optimizer step, validation loss in nats per token)."""
    return {name: [(row.step, row.valid_nats_per_token) for row in rows] for name, rows in runs.items()}


def norms(runs: Histories) -> dict[str, list[tuple[float, float]]]:
    """Return a dict from model name to points (optimizer step, mean gradient norm of the epoch before clipping)."""
    return {name: [(row.step, row.gradient_norm_mean) for row in rows] for name, rows in runs.items()}


def draw_training(results: Results, folder: Path) -> list[Picture]:
    """Write two plots for the language models (`lm`) and two for the translation models (`mt`); return the plots.

    One plot shows the validation loss of all models, the other plot shows the gradient norm of all models.
    """
    looks = {"lm": language_model_looks(results), "mt": translation_model_looks(results)}
    pictures = []
    for track, runs in histories(results).items():
        if runs:
            loss, norm = losses(runs), norms(runs)
            title, finding = f"How the {KINDS[track]} learn", loss_finding(loss)
            _draw(folder / f"loss_{track}.svg", loss, LOSS, looks[track])
            pictures.append(_picture(f"loss_{track}", title, finding, loss, LOSS))
            title, finding = f"How large the gradients of the {KINDS[track]} are", norm_finding(norm)
            _draw(folder / f"gradient_{track}.svg", norm, NORM, looks[track])
            pictures.append(_picture(f"gradient_{track}", title, finding, norm, NORM))
    return pictures


def _draw(path: Path, curves: Curves, scales: Scales, looks: Mapping[str, Look]) -> None:
    line_plot(path, [Line(name, looks[name], exact(points)) for name, points in curves.items()], scales)


def _picture(name: str, title: str, finding: str, curves: Curves, scales: Scales) -> Picture:
    rows = [(model, *point) for model, points in curves.items() for point in points]
    csv = csv_text(["model", scales.x, scales.y], rows)
    return Picture(name, title, finding, lines_in_words(curves, scales), csv)


def loss_finding(curves: Curves) -> str:
    """Return which model reaches the lowest loss, which the highest, and whose loss rises again."""
    least = {name: min(points, key=lambda point: point[1]) for name, points in curves.items()}
    values = {name: loss for name, (_, loss) in least.items()}
    (best, low), (worst, high) = lowest(values), highest(values)
    step = f"after {amount(least[best][0])} steps"
    sentences = [f"{best} reaches the lowest validation loss, {amount(low)} nats per token, {step}."]
    if len(values) == 1:
        sentences = [f"The validation loss of {best} is lowest {step}: {amount(low)} nats per token."]
    else:
        sentences.append(f"{worst} stays highest: its lowest loss is {amount(high)}.")
    rising = [name for name, points in curves.items() if points[-1][1] > 1.01 * values[name] > 0]
    if rising:
        texts = listed(f"{name} (from {amount(values[name])} to {amount(curves[name][-1][1])})" for name in rising)
        sentences.append(f"The loss rises again towards the end, a sign of overfitting: {texts}.")
    return " ".join(sentences)


def norm_finding(curves: Curves) -> str:
    """Return the largest norm, and the models with the largest and the smallest norm in the last epoch."""
    peaks = {name: max(points, key=lambda point: point[1]) for name, points in curves.items()}
    peak, value = highest({name: norm for name, (_, norm) in peaks.items()})
    ends = {name: points[-1][1] for name, points in curves.items()}
    text = f"The largest norm is {amount(value)} ({peak}, step {amount(peaks[peak][0])})."
    if len(ends) == 1:
        return f"{text} In the last epoch it is {amount(ends[peak])}."
    (least, low), (most, high) = lowest(ends), highest(ends)
    return f"{text} In the last epoch the norm is between {amount(low)} ({least}) and {amount(high)} ({most})."
