"""gradus complete: continue a prompt with a language model."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import NoVerify
from gradus.cli.strategy_options import read_strategy_options


def main(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="A language model's folder, such as models/lm/lstm.")],
    prompt: Annotated[
        str, typer.Argument(help="Text to continue. Without a prompt, the model starts a new line.")
    ] = "",
    texts: Annotated[
        int, typer.Option(min=1, help="Number of completions. A strategy without random draws prints only one.")
    ] = 3,
    length: Annotated[
        int,
        typer.Option(min=1, max=100_000, help="Maximum number of tokens. The end of a sentence ends a completion."),
    ] = 40,
    seed: Annotated[
        int,
        typer.Option(min=0, max=2**32 - 1, help="Seed of the random generator; other seeds give other completions."),
    ] = 1,
    no_verify: NoVerify = False,
) -> None:
    """Let a language model continue a prompt; print one completion per line.

    Example: gradus complete models/lm/lstm "The king" --strategy nucleus
    """
    from gradus.api import load

    # Options are checked before the model is opened, so that a wrong option fails at once.
    strategy = read_strategy_options(context)
    opened = load(model, verify=not no_verify)
    for text in opened.complete(prompt, strategy, texts=texts, length=length, seed=seed):
        typer.echo(text)
