"""Print the claims of studies with their verdicts."""

from pathlib import Path

import typer


def list_studies(studies: Path, results: Path) -> None:
    """Print every study with its question, its minutes and the numbers of its verdicts.

    Args:
        studies: folder of the studies.
        results: folder of the results.
    """
    from gradus.reporting.results import read_studies
    from gradus.reporting.verdicts import verdicts
    from gradus.studies.definition import read_study, study_names

    found = read_studies(results)
    decided = verdicts(found)
    for name in study_names(studies):
        typer.echo(f"{name:16} {read_study(name, studies).question}")
        if name not in found:
            typer.echo(f"{'':16} not run yet")
            continue
        own = [verdict for study, _, _, verdict in decided if study == name]
        counts = ", ".join(f"{own.count(kind)} {kind}" for kind in dict.fromkeys(own)) or "too few runs"
        minutes = ", ".join(f"{corpus} {minutes:.1f} min" for corpus, minutes in found[name].minutes.items())
        typer.echo(f"{'':16} {minutes}; claims: {counts}")


def print_claims(results: Path, name: str) -> None:
    """Print the table of the claims of one study. Their p-values are corrected together with those of all studies."""
    from gradus.cli.console import table_console
    from gradus.cli.markdown_table import read_table
    from gradus.cli.table_layout import print_table
    from gradus.reporting.claims import claims_table
    from gradus.reporting.results import read_studies

    table = claims_table(read_studies(results)).only("study", name)
    print_table(table_console(160), read_table(table.markdown()))
