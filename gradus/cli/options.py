"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

TextFile = Annotated[Path, typer.Argument(help="Text, one sentence per line; without it, standard input.")]
LMTokens = Annotated[
    Path, typer.Option(help="Folder that tokenize wrote. A model with a tokenizer of its own does not need it.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace a result that gradus wrote there before.")]
NoVerify = Annotated[
    bool, typer.Option("--no-verify", help="Check only sizes and structure of the model, not its SHA-256 sums.")
]
