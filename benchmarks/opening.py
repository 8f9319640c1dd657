"""Measure the time to open n-gram models of several sizes, with and without verifying checksums."""

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
    millions: Annotated[str, typer.Option(help="Sizes of the texts in millions of tokens.")] = "1 2 6",
    order: Annotated[int, typer.Option(min=2, help="Words of the longest n-gram.")] = 5,
    runs: Annotated[int, typer.Option(min=1, help="How often every model is opened.")] = 21,
) -> None:
    """Open models of texts sampled from a model of TRAIN; write benchmarks/results/ngram_opening.json.

    The time to import modules is not counted.
    """
    from benchmarks.sampling import write_sample

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        build_ours(without_unk(train, folder / "train.txt"), folder / "source", order)
        source, tokenizer = open_model(folder / "source")
        rows = []
        for size in map(int, millions.split()):
            write_sample(folder / "text.txt", source, list(tokenizer.pieces), MILLION * size, seed=size)
            build_ours(folder / "text.txt", folder / "model", order)
            rows.append({"model_mib": mib(folder / "model"), **_milliseconds(folder / "model", order, runs)})
            typer.echo(rows[-1])
    write_result("ngram_opening", {"order": order, "runs": runs, "models": rows})


def _milliseconds(folder: Path, order: int, runs: int) -> dict[str, Any]:
    """Return the median time to open a model in this process."""
    medians = {}
    # a new process would mostly measure its imports
    for name, sums in (("verified", True), ("no_verify", False)):
        seconds = []
        for _ in range(runs):
            start = time.perf_counter()
            open_models(folder, sums=sums)
            open_ngram(folder, order)
            seconds.append(time.perf_counter() - start)
        medians[name] = round(1000 * statistics.median(seconds), 1)
    return {"median_milliseconds": medians}
