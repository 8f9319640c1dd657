"""Write the durations of this clone's stages to the committed file from which a fresh clone estimates its first run.

    gradus repro && python -m benchmarks.durations

Run both in a fresh clone of the built-in pipeline, on an otherwise idle machine.
"""

from pathlib import Path
from typing import Annotated

import typer

from gradus.artifacts.json_files import read_json
from gradus.artifacts.places import write_text
from gradus.command import new_app, with_errors
from gradus.errors import InputError
from gradus.pipeline.durations import DURATIONS, MEASURED
from gradus.pipeline.dvc import stage_names
from gradus.pipeline.machine import describe_machine


def main(
    out: Annotated[Path, typer.Option(help="File to write.")] = MEASURED,
) -> None:
    """Write the durations of all stages of dvc.yaml, from the run in the current folder."""
    known, machine = read_json(DURATIONS), describe_machine()
    if missing := [name for name in stage_names() if name not in known]:
        found, remedy = f"none of {missing[0]}", "run the whole pipeline in a fresh clone"
        raise InputError(DURATIONS, expected="a duration of every stage", found=found, remedy=remedy)
    lines = [f"  {name}: {known[name]:.1f}" for name in sorted(stage_names())]
    header = [
        "# Durations of the stages of the built-in pipeline, seconds, for the estimate of a fresh clone's first run.",
        f"# Written by python -m benchmarks.durations on {machine['cores']} cores of {machine['processor']}.",
    ]
    write_text(out, "\n".join([*header, "seconds:", *lines]) + "\n")
    typer.echo(f"{len(lines)} stages, {sum(known.values()):.0f} s in total: {out}")


app = new_app()
app.command()(with_errors(main))

if __name__ == "__main__":
    app()
