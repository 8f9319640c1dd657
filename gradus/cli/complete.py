"""gradus complete: continue a text with a language model."""

from typing import Annotated

import typer

from gradus.cli.answers import answer_texts
from gradus.cli.options import LanguageModelFolder, NoVerify, Seed
from gradus.cli.strategy_command import read_strategy_options


def main(
    context: typer.Context,
    model: LanguageModelFolder,
    prompt: Annotated[
        str | None,
        typer.Argument(
            help='Text to continue; "" starts a new line. Without this argument, gradus asks for one text after the '
            "other, or reads one text per line from a pipe.",
        ),
    ] = None,
    texts: Annotated[
        int, typer.Option(min=1, help="Number of completions. A strategy without random draws prints only one.")
    ] = 3,
    length: Annotated[
        int,
        typer.Option(
            min=1,
            max=100_000,
            help="Maximum number of tokens: words, or parts of words. The end of the sentence ends a completion.",
        ),
    ] = 40,
    seed: Seed = 1,
    no_verify: NoVerify = False,
) -> None:
    """Continue a text with a language model; print one completion per line.

    Write the text with words of the training text. If the model has a vocabulary of words, punctuation at the ends of
    an unknown word is separated from it: "sleeps." is read as "sleeps .".

    Examples:

    gradus complete models/lm/lstm "The king" --strategy nucleus --top-p 0.8

    gradus complete models/lm/lstm
    """
    from gradus.api import load

    # Options are checked before the model is opened, so that a wrong option fails at once.
    strategy = read_strategy_options(context)
    opened = load(model, verify=not no_verify)

    def answer(text: str) -> list[str]:
        return opened.complete(text, strategy, texts=texts, length=length, seed=seed)

    if prompt is None:
        opened.next(top=1)  # refuses a translation model, and reads the weights, before the first question
    answer_texts(prompt, answer)
