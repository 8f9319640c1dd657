"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

TextFile = Annotated[Path, typer.Argument(help="Text with one sentence per line; by default, standard input.")]
LMTokens = Annotated[
    Path, typer.Option(help="Folder that the stage tokenize wrote. Unused if the model's folder has a tokenizer.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing result, but only if gradus wrote it.")]
NoVerify = Annotated[
    bool, typer.Option("--no-verify", help="Check only the sizes and the structure of the model's files, not SHA-256.")
]
