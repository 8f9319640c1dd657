"""Arguments and options of the commands `gradus recipe`, and the table of a recipe's results."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gradus.cli.completion import complete_recipes
from gradus.cli.console import table_console

if TYPE_CHECKING:
    from gradus.results.recipe import RecipeResult

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


def show_results(path: Path) -> "RecipeResult":
    """Read and return the results of a recipe; print them as a table, with the same columns as in the report."""
    from gradus.cli.markdown_table import read_table
    from gradus.cli.table_layout import print_table
    from gradus.reporting.recipes import recipes_table
    from gradus.results.files import read_result
    from gradus.results.recipe import RecipeResult

    result = read_result(path, RecipeResult)
    print_table(table_console(140), read_table(recipes_table({path.stem: result}).markdown()))  # it has nine columns
    return result
