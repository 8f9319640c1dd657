"""Curves of the training runs: validation loss and gradient norm by optimizer step."""

from collections.abc import Mapping
from pathlib import Path

from gradus.reporting.plots import line_plot
from gradus.reporting.results import Results
from gradus.results.details import HistoryRow

Histories = Mapping[str, list[HistoryRow]]


def histories(results: Results) -> dict[str, Histories]:
    """Return the training histories by track, `lm` or `mt`, and by model; models without training are left out."""
    return {
        "lm": {name: details.history for name, details in results.lm_details.items() if details.history},
        "mt": {name: details.history for name, details in results.mt_details.items() if details.history},
    }


def losses(runs: Histories) -> dict[str, list[tuple[float, float]]]:
    """Return (optimizer step, validation loss in nats per token) by model."""
    return {name: [(row.step, row.valid_nats_per_token) for row in rows] for name, rows in runs.items()}


def draw_training(results: Results, folder: Path) -> None:
    """Write the plots of validation loss and gradient norm, one of each per track."""
    for track, runs in histories(results).items():
        if not runs:
            continue
        path = folder / f"loss_{track}.svg"
        line_plot(path, losses(runs), x="optimizer step", y="validation loss, nats per token")
        norms = {name: [(row.step, row.gradient_norm_mean) for row in rows] for name, rows in runs.items()}
        path = folder / f"gradient_{track}.svg"
        line_plot(path, norms, x="optimizer step", y="gradient norm before clipping", log=True)
