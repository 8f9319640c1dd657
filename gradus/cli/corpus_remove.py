"""gradus corpus remove: forget a registered corpus."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import Registry


def main(
    name: Annotated[str, typer.Argument(help="Name of a corpus in the registry.")],
    registry: Registry = Path("corpora.yaml"),
) -> None:
    """Remove a corpus from the registry. Its files stay in the folder of corpora."""
    from gradus.corpora.registry_file import remove_entry

    remove_entry(registry, name)
    typer.echo(f"removed {name} from {registry}; its files stay in the folder of corpora")
