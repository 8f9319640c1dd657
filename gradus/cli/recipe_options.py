"""Arguments and options of the commands `gradus recipe`, and the table of a recipe's results."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gradus.cli.completion import complete_recipes

RecipeName = Annotated[
    str,
    typer.Argument(help="Name of a recipe: NAME for experiments/NAME.yaml.", autocompletion=complete_recipes),
]
Experiments = Annotated[Path, typer.Option(help="Folder of the recipes.")]
Results = Annotated[Path, typer.Option(help="Folder of the results.")]
Language = Annotated[str, typer.Option(help="Language of the text for language models.")]
Source = Annotated[str, typer.Option(help="Source language for translation models.")]
Target = Annotated[str, typer.Option(help="Target language for translation models.")]
Kind = Annotated[
    Literal["word", "unigram", "bpe", "char"] | None,
    typer.Option(help="Kind of tokenizer; by default, the tokenizer in params.yaml."),
]
Size = Annotated[
    int | None, typer.Option(min=5, max=10**6, help="Number of pieces, for unigram and bpe; by default, 4000.")
]
Models = Annotated[str, typer.Option(help="Models that run, such as lstm,modified_kneser_ney; by default, all.")]
Tracks = Annotated[
    str,
    typer.Option(
        help="lm (language models), mt (translation models) or lm,mt; by default, mt with --src or --tgt, else lm."
    ),
]
EXPERIMENTS = Path("experiments")
RESULTS = Path("metrics/recipes")


def show_results(path: Path) -> None:
    """Print the results of a recipe as a table, with the same columns as in the report."""
    from rich.console import Console
    from rich.markdown import Markdown

    from gradus.reporting.recipes import recipes_table
    from gradus.results.files import read_result
    from gradus.results.recipe import RecipeResult

    console = Console()
    if not console.is_terminal:
        console = Console(width=140)  # columns, for a log: nine of them
    console.print(Markdown(recipes_table({path.stem: read_result(path, RecipeResult)}).markdown()))
