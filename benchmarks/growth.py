"""Time and memory of n-gram models by length of the text."""

import statistics
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.processes import measure
from benchmarks.programs import GRADUS, RESULTS, Runs, Train, mib, open_model, without_unk
from gradus.artifacts import read_json, write_json
from gradus.families import load_model_tokenizer, open_folder
from gradus.pipeline.machine import describe_machine, describe_versions

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
        measure([*GRADUS, "ngram", "build", text, room / "source", "--order", str(order)])
        source, pieces = (
            open_model(room / "source"),
            list(load_model_tokenizer(open_folder(room / "source"), room).pieces),
        )
        rows = []
        for size in map(int, millions.split()):
            write_sample(room / "text.txt", source, pieces, MILLION * size, seed=size)
            rows.append(_grown(room, size, order, runs))
            typer.echo(rows[-1])
    machine = {"machine": describe_machine(), "versions": describe_versions()}
    write_json(RESULTS / "ngram_growth.json", {**machine, "order": order, "runs": runs, "sizes": rows})


def _grown(room: Path, millions: int, order: int, runs: int) -> dict[str, Any]:
    """Build one text's model in memory and with working files."""
    build_it: list[str | Path] = [*GRADUS, "ngram", "build", room / "text.txt", room / "model", "--order", str(order)]
    row: dict[str, Any] = {"million_tokens": millions}
    for way, command in (("in_memory", build_it), ("in_files", [*build_it, "--scratch", room / "scratch"])):
        made = [measure(command) for _ in range(runs)]
        row[way] = {
            "seconds": round(statistics.median(run.seconds for run in made), 2),
            "peak_mib": round(max(run.peak_mib for run in made)),
            "own_mib": round(max(run.own_mib for run in made)),
        }
    sizes = read_json(room / "model" / "manifest.json")
    firsts = sizes["firsts"]
    row["ngrams"] = [after - before for before, after in zip(firsts[1:-1], firsts[2:], strict=True)]
    row["model_mib"] = mib(room / "model")
    return row
