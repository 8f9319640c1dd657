"""Draw the training curves: validation loss and gradient norm against the optimizer step."""

from collections.abc import Mapping
from pathlib import Path

from gradus.reporting.plots import line_plot
from gradus.reporting.results import Results
from gradus.results.details import HistoryRow

Histories = Mapping[str, list[HistoryRow]]
"""Dict from model name to the rows of its training history, one row per epoch."""


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


def draw_training(results: Results, folder: Path) -> None:
    """Write two plots for the language models (`lm`) and two for the translation models (`mt`).

    One plot shows the validation loss of all models, the other plot shows the gradient norm of all models.
    """
    for track, runs in histories(results).items():
        if not runs:
            continue
        path = folder / f"loss_{track}.svg"
        line_plot(path, losses(runs), x="optimizer step", y="validation loss, nats per token")
        norms = {name: [(row.step, row.gradient_norm_mean) for row in rows] for name, rows in runs.items()}
        path = folder / f"gradient_{track}.svg"
        line_plot(path, norms, x="optimizer step", y="gradient norm before clipping", log=True)
