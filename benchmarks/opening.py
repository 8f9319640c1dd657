"""Time to open n-gram models, with and without their sums, by size."""

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
    millions: Annotated[str, typer.Option(help="Sizes of the texts, millions of tokens.")] = "1 2 6",
    order: Annotated[int, typer.Option(min=2, help="Words of the longest n-gram.")] = 5,
    runs: Annotated[int, typer.Option(min=1, help="Times that every model is opened.")] = 21,
) -> None:
    """Open models of texts drawn from a model of TRAIN, with the modules imported; write ngram_opening.json."""
    from benchmarks.sampling import write_sample

    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        build_ours(without_unk(train, room / "train.txt"), room / "source", order)
        source, tokenizer = open_model(room / "source")
        rows = []
        for size in map(int, millions.split()):
            write_sample(room / "text.txt", source, list(tokenizer.pieces), MILLION * size, seed=size)
            build_ours(room / "text.txt", room / "model", order)
            rows.append({"model_mib": mib(room / "model"), **_milliseconds(room / "model", order, runs)})
            typer.echo(rows[-1])
    write_result("ngram_opening", {"order": order, "runs": runs, "models": rows})


def _milliseconds(folder: Path, order: int, runs: int) -> dict[str, Any]:
    medians = {}
    for name, sums in (("verified", True), ("no_verify", False)):
        seconds = []
        for _ in range(runs):
            start = time.perf_counter()
            open_models(folder, sums=sums)
            open_ngram(folder, order)
            seconds.append(time.perf_counter() - start)
        medians[name] = round(1000 * statistics.median(seconds), 1)
    return {"median_milliseconds": medians}
