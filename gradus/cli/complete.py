"""gradus complete: continue a prompt by a language model."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import LMTokens, NoVerify
from gradus.cli.strategy_options import read_strategy_options


def main(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="A language model's folder, such as models/lm/lstm.")],
    prompt: Annotated[str, typer.Argument(help="Text to continue. Without it, the model starts a new line.")] = "",
    texts: Annotated[
        int, typer.Option(min=1, help="Completions to print; a strategy that does not draw has only one.")
    ] = 3,
    length: Annotated[
        int,
        typer.Option(min=1, max=100_000, help="Longest completion, in tokens, if no sentence ends before."),
    ] = 40,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Start of the random numbers: another seed, other completions.")
    ] = 1,
    tokens: LMTokens = Path("data/tokens/lm"),
    no_verify: NoVerify = False,
) -> None:
    """Let a language model continue a prompt; print one completion per line.

    Example: gradus complete models/lm/lstm "The king" --strategy nucleus
    """
    from gradus.families.language_models import open_folder
    from gradus.families.tokenizers import load_model_tokenizer
    from gradus.inference.completion import CompletionConfig, complete

    config = CompletionConfig(read_strategy_options(context), texts, length, seed)
    opened = open_folder(model, sums=not no_verify)
    for text in complete(opened, load_model_tokenizer(opened, tokens), prompt, config):
        typer.echo(text)
