"""Time and memory of n-gram models by length of the text."""

import statistics
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.programs import Runs, Train, build_ours, mib, open_model, without_unk, write_result

MILLION = 1_000_000


def growth(
    train: Train,
    millions: Annotated[str, typer.Option(help="Sizes of the texts, millions of tokens.")] = "1 3 10 30 100",
    order: Annotated[int, typer.Option(min=2, help="Words of the longest n-gram.")] = 5,
    runs: Runs = 1,
) -> None:
    """Build models of longer and longer texts, drawn from a model of TRAIN; write ngram_growth.json."""
    from benchmarks.sampling import write_sample

    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        text = without_unk(train, room / "train.txt")
        build_ours(text, room / "source", order)
        source, tokenizer = open_model(room / "source")
        rows = []
        for size in map(int, millions.split()):
            write_sample(room / "text.txt", source, list(tokenizer.pieces), MILLION * size, seed=size)
            rows.append(_grown(room, size, order, runs))
            typer.echo(rows[-1])
    write_result("ngram_growth", {"order": order, "runs": runs, "sizes": rows})


def _grown(room: Path, millions: int, order: int, runs: int) -> dict[str, Any]:
    """Build one text's model in memory and with working files."""
    row: dict[str, Any] = {"million_tokens": millions}
    for way, options in (("in_memory", ()), ("in_files", ("--scratch", room / "scratch"))):
        made = [build_ours(room / "text.txt", room / "model", order, *options) for _ in range(runs)]
        row[way] = {
            "seconds": round(statistics.median(run.seconds for run in made), 2),
            "peak_mib": round(max(run.peak_mib for run in made)),
            "own_mib": round(max(run.own_mib for run in made)),
        }
    row["ngrams"] = open_model(room / "model")[0].trie.sizes
    row["model_mib"] = mib(room / "model")
    return row
