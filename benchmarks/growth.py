"""Measure how much time and memory it takes to build n-gram models from texts of several lengths."""

import statistics
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.programs import Runs, Train, build_ours, mib, open_model, without_unk, write_result

MILLION = 1_000_000


def growth(
    train: Train,
    millions: Annotated[str, typer.Option(help="Lengths of the texts, in millions of tokens.")] = "1 3 10 30 100",
    order: Annotated[int, typer.Option(min=2, help="Highest order of the n-grams.")] = 5,
    runs: Runs = 1,
) -> None:
    """Measure how much time and memory it takes to build models from texts of growing length.

    The texts are sampled from a model of the text TRAIN. The result is written to
    `benchmarks/results/ngram_growth.json`.
    """
    from benchmarks.sampling import write_sample

    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        text = without_unk(train, workspace / "train.txt")
        build_ours(text, workspace / "source", order)
        source, tokenizer = open_model(workspace / "source")
        rows = []
        for size in map(int, millions.split()):
            write_sample(workspace / "text.txt", source, list(tokenizer.pieces), MILLION * size, seed=size)
            rows.append(_measure_builds(workspace, size, order, runs))
            typer.echo(rows[-1])
    write_result("ngram_growth", {"order": order, "runs": runs, "sizes": rows})


def _measure_builds(workspace: Path, millions: int, order: int, runs: int) -> dict[str, Any]:
    """Measure the time and memory to build a model, first with arrays in memory, then with arrays in files."""
    row: dict[str, Any] = {"million_tokens": millions}
    for way, options in (("in_memory", ()), ("in_files", ("--scratch", workspace / "scratch"))):
        made = [build_ours(workspace / "text.txt", workspace / "model", order, *options) for _ in range(runs)]
        row[way] = {
            "seconds": round(statistics.median(run.seconds for run in made), 2),
            "peak_mib": round(max(run.peak_mib for run in made)),
            "own_mib": round(max(run.own_mib for run in made)),
        }
    row["ngrams"] = open_model(workspace / "model")[0].trie.sizes
    row["model_mib"] = mib(workspace / "model")
    return row
