"""Measure time and memory of building n-gram models, by length of the text."""

import statistics
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.programs import Runs, Train, build_ours, mib, open_model, without_unk, write_result

MILLION = 1_000_000


def growth(
    train: Train,
    millions: Annotated[str, typer.Option(help="Sizes of the texts in millions of tokens.")] = "1 3 10 30 100",
    order: Annotated[int, typer.Option(min=2, help="Words of the longest n-gram.")] = 5,
    runs: Runs = 1,
) -> None:
    """Build models of longer and longer texts sampled from a model of TRAIN.

    Writes benchmarks/results/ngram_growth.json.
    """
    from benchmarks.sampling import write_sample

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        text = without_unk(train, folder / "train.txt")
        build_ours(text, folder / "source", order)
        source, tokenizer = open_model(folder / "source")
        rows = []
        for size in map(int, millions.split()):
            write_sample(folder / "text.txt", source, list(tokenizer.pieces), MILLION * size, seed=size)
            rows.append(_measure(folder, size, order, runs))
            typer.echo(rows[-1])
    write_result("ngram_growth", {"order": order, "runs": runs, "sizes": rows})


def _measure(folder: Path, millions: int, order: int, runs: int) -> dict[str, Any]:
    """Build the model of one text twice: with arrays in memory, and with working files."""
    row: dict[str, Any] = {"million_tokens": millions}
    for way, options in (("in_memory", ()), ("in_files", ("--scratch", folder / "scratch"))):
        runs_of_way = [build_ours(folder / "text.txt", folder / "model", order, *options) for _ in range(runs)]
        row[way] = {
            "seconds": round(statistics.median(run.seconds for run in runs_of_way), 2),
            "peak_mib": round(max(run.peak_mib for run in runs_of_way)),
            "own_mib": round(max(run.own_mib for run in runs_of_way)),
        }
    row["ngrams"] = open_model(folder / "model")[0].trie.sizes
    row["model_mib"] = mib(folder / "model")
    return row
