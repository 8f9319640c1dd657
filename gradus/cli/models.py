"""gradus models: list the models in a folder."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def main(
    folder: Annotated[Path, typer.Argument(help="Folder that is searched, two levels deep.")] = Path("models"),
) -> None:
    """List the models in a folder: kind, corpus, score and size.

    The score is the perplexity of the test text, line by line, or its BLEU. It comes from the folder `metrics` beside
    the folder `models`, and is missing if the file there describes another model. A lower perplexity and a higher BLEU
    are better. Compare only models of the same corpus.

    In a pipe, the list is a table with tabs, and the sizes are in bytes.

    Example: gradus next $(gradus models | cut -f1 | grep lm/) "The king"
    """
    from gradus.cli.model_table import show_models, write_rows
    from gradus.families.catalogue import list_models
    from gradus.terminal import is_terminal

    entries = list_models(folder)
    show_models(entries) if is_terminal(sys.stdout) else write_rows(entries)
