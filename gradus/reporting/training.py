"""Curves of the trainings: losses and gradient norms by step."""

from pathlib import Path

from gradus.reporting.plots import line_plot
from gradus.reporting.results import Results, get


def curve(results: Results, track: str, column: str) -> dict[str, list[tuple[float, float]]]:
    """Return (optimizer step, value) by model for one column of the histories.

    Args:
        results: what the pipeline measured.
        track: `lm` or `mt`.
        column: a column of `history.csv`, such as `valid_nats_per_token`.
    """
    return {
        name.removeprefix(f"{track}/"): [(row["step"], row[column]) for row in history]
        for name, details in results.details.items()
        if name.startswith(f"{track}/") and (history := get(details, "history"))
    }


def draw_training(results: Results, folder: Path) -> None:
    """Write validation loss and gradient norm by step, for the language models and the translation models."""
    for track in ("lm", "mt"):
        if not curve(results, track, "step"):
            continue
        losses = curve(results, track, "valid_nats_per_token")
        line_plot(folder / f"loss_{track}.svg", losses, x="optimizer step", y="validation loss, nats per token")
        norms = curve(results, track, "gradient_norm_mean")
        line_plot(
            folder / f"gradient_{track}.svg", norms, x="optimizer step", y="gradient norm before clipping", log=True
        )
