"""gradus verify: compare the outputs with dvc.lock."""

from pathlib import Path

import typer

from gradus.cli.clone import require_clone


def main() -> None:
    """Hash every output again and compare the hash with dvc.lock; exit with 1 if an output has changed.

    An output can be missing because it was not pulled or computed yet. Missing outputs are counted, but the command
    does not fail because of them.
    """
    require_clone()
    from gradus.errors import RunError
    from gradus.pipeline.dvc import stage_names
    from gradus.pipeline.verify import verify

    findings = list(verify(Path("dvc.lock"), Path(), stage_names()))
    for finding in findings:
        if finding.state != "same":
            typer.echo(f"{finding.state}: {finding.path} (output of {finding.stage})")
    count = {state: sum(finding.state == state for finding in findings) for state in ("same", "changed", "missing")}
    typer.echo(f"{len(findings)} outputs: " + ", ".join(f"{number} {state}" for state, number in count.items()))
    if count["changed"]:
        raise RunError("outputs differ from dvc.lock; delete them, check the disk, and run dvc repro")
