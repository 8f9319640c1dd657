"""Options that several commands have."""

from typing import Annotated

import typer

Force = Annotated[bool, typer.Option("--force", help="Replace a result that gradus wrote there before.")]
NoVerify = Annotated[
    bool, typer.Option("--no-verify", help="Check the model's sizes and structure alone, not its SHA-256 sums.")
]
