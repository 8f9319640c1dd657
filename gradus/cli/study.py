"""gradus study: run studies, which test claims with several seeds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradus.cli.clone import require_clone
from gradus.cli.completion import complete_studies
from gradus.cli.seeds import parse_seeds
from gradus.cli.study_verdicts import list_studies, print_claims
from gradus.command import requires_output
from gradus.errors import InputError

if TYPE_CHECKING:
    from gradus.studies.run import StudyOptions


def main(
    name: Annotated[
        str | None,
        typer.Argument(
            help="Name of a study: NAME for experiments/studies/NAME.yaml.", autocompletion=complete_studies
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Run all studies.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List all studies with their minutes and verdicts.")] = False,
    seeds: Annotated[
        str, typer.Option(help="More seeds, such as 11,12,13; the claims are tested again with these.")
    ] = "",
    corpus: Annotated[str, typer.Option(help="Run this corpus of the study only; by default, all.")] = "",
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Number of seeds that run at once.")] = 2,
    replace: Annotated[bool, typer.Option("--replace", help="Discard the results of earlier runs.")] = False,
    studies: Annotated[Path, typer.Option(help="Folder of the studies.")] = Path("experiments/studies"),
    results: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("metrics/studies"),
) -> None:
    """Run a study in copies of the repository, test its claims, and keep the results.

    A study asks one question. Its file lists the models that answer it, the corpora and the seeds, and the claims with
    the smallest effect that counts. Every seed runs once per corpus; the result is added to metrics/studies/NAME.json,
    which belongs in git. A finished seed does not run again, unless code, parameters, package versions or processor
    have changed. To continue after an interruption, give the same command.

    A claim holds, fails, or is undecided, if chance could explain the difference. The p-values of all claims of all
    studies are corrected together, so a verdict can change when a study is added.
    """
    require_clone()
    from gradus.studies.definition import study_names
    from gradus.studies.run import StudyOptions

    if [name is not None, every, listed].count(True) != 1:
        expected = "one of NAME, --all and --list"
        raise InputError("gradus study", expected=expected, found="none or several", remedy="name a study")
    if listed:
        list_studies(studies, results)
        return
    for each in study_names(studies) if every else [str(name)]:
        with requires_output("study"):
            _run(each, (studies, results), StudyOptions(parse_seeds(seeds), corpus, jobs, replace))
        print_claims(results, each)
        typer.echo(f"wrote {results / f'{each}.json'}; commit this file and run dvc repro to update the report")


def _run(name: str, folders: tuple[Path, Path], options: "StudyOptions") -> None:
    from gradus.studies.definition import read_study
    from gradus.studies.run import StudyRunner

    studies, results = folders
    runner = StudyRunner(name, read_study(name, studies), results / f"{name}.json", typer.echo)
    runner.run(options)
