"""gradus next: show the most probable next words of language models."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.completion import complete_models
from gradus.cli.options import NoVerify


def main(
    models: Annotated[
        list[str],
        typer.Argument(
            help="Folders of language models, and at the end the text before the next word. Without a text, gradus "
            "asks for one text after the other, or reads one text per line from a pipe.",
            autocompletion=complete_models,
        ),
    ],
    top: Annotated[int, typer.Option(min=1, max=10_000, help="Number of words.")] = 10,
    no_verify: NoVerify = False,
) -> None:
    """Show the most probable next words after a text, of several models side by side, with their probabilities.

    Write the text as the training text is written. If a model has a vocabulary of words, punctuation at the ends of an
    unknown word is separated from it: "sleeps." is read as "sleeps .". The piece </s> is the end of the line. In a
    vocabulary of subwords, ▁ stands for the space before a word. In a pipe, each row has a model, a piece and a
    probability, separated by tabs.

    Example: gradus next models/lm/katz models/lm/lstm "The king" --top 5
    """
    from gradus.api import load
    from gradus.cli.answers import answer_texts
    from gradus.cli.next_table import next_lines
    from gradus.families.catalogue import holds_model

    prompt = None if len(models) == 1 or holds_model(Path(models[-1])) else models[-1]
    opened = [load(folder, verify=not no_verify) for folder in (models if prompt is None else models[:-1])]

    def answer(text: str) -> Iterator[str]:
        return next_lines(opened, text, top)

    if prompt is None:
        for model in opened:
            model.next(top=1)  # refuses a translation model, and reads the weights, before the first question
    answer_texts(prompt, answer)
