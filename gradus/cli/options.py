"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.completion import complete_models

LanguageModelFolder = Annotated[
    Path,
    typer.Argument(help="A language model's folder, such as models/lm/lstm.", autocompletion=complete_models),
]
TranslationModelFolder = Annotated[
    Path,
    typer.Argument(help="A translation model's folder, such as models/mt/attention.", autocompletion=complete_models),
]
Seed = Annotated[
    int,
    typer.Option(min=0, max=2**32 - 1, help="Seed of strategies that draw at random; other seeds give other texts."),
]
TextFile = Annotated[
    Path,
    typer.Argument(
        help="Text with one sentence per line, plain or FILE.gz; by default, standard input.", show_default=False
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing result, but only if gradus wrote it.")]
NoVerify = Annotated[
    bool,
    typer.Option(
        "--no-verify", help="Do not check the SHA-256 sums of the model's files, only their sizes and structure."
    ),
]
Registry = Annotated[Path, typer.Option(help="YAML file of the corpora that you have registered.")]
OwnText = Annotated[Path, typer.Option(help="Folder of your own corpora, with one subfolder per corpus.")]
