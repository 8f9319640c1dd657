"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

TextFile = Annotated[Path, typer.Argument(help="Text with one sentence per line; by default, standard input.")]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing result, but only if gradus wrote it.")]
NoVerify = Annotated[
    bool,
    typer.Option(
        "--no-verify", help="Do not check the SHA-256 sums of the model's files, only their sizes and structure."
    ),
]
Registry = Annotated[Path, typer.Option(help="YAML file of the corpora that you have registered.")]
OwnText = Annotated[Path, typer.Option(help="Folder of your own corpora, with one subfolder per corpus.")]
