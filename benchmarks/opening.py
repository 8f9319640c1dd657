"""Measure how long it takes to open n-gram models of several sizes, with and without a check of SHA-256 sums."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.programs import Train, build_ours, mib, open_model, without_unk, write_result
from gradus.ngram.scoring.storage import open_models, open_ngram

MILLION = 1_000_000


def opening(
    train: Train,
    millions: Annotated[str, typer.Option(help="Lengths of the texts, in millions of tokens.")] = "1 2 6",
    order: Annotated[int, typer.Option(min=2, help="Highest order of the n-grams.")] = 5,
    runs: Annotated[int, typer.Option(min=1, help="Number of measurements per model.")] = 21,
) -> None:
    """Measure how long it takes to open n-gram models of several sizes.

    The models are built from texts that are sampled from a model of the text TRAIN. The times do not include imports.
    The result is written to `benchmarks/results/ngram_opening.json`.
    """
    from benchmarks.sampling import write_sample

    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        build_ours(without_unk(train, workspace / "train.txt"), workspace / "source", order)
        source, tokenizer = open_model(workspace / "source")
        rows = []
        for size in map(int, millions.split()):
            write_sample(workspace / "text.txt", source, list(tokenizer.pieces), MILLION * size, seed=size)
            build_ours(workspace / "text.txt", workspace / "model", order)
            rows.append({"model_mib": mib(workspace / "model"), **_measure_opening(workspace / "model", order, runs)})
            typer.echo(rows[-1])
    write_result("ngram_opening", {"order": order, "runs": runs, "models": rows})


def _measure_opening(folder: Path, order: int, runs: int) -> dict[str, Any]:
    medians = {}
    for name, sums in (("verified", True), ("no_verify", False)):
        seconds = []
        for _ in range(runs):
            # all measurements are in one process, so that they do not include start-up and imports
            start = time.perf_counter()
            open_models(folder, sums=sums)
            open_ngram(folder, order)
            seconds.append(time.perf_counter() - start)
        medians[name] = round(1000 * statistics.median(seconds), 1)
    return {"median_milliseconds": medians}
