"""gradus score: compute the perplexity of a text under a language model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradus.cli.options import NoVerify, TextFile

if TYPE_CHECKING:
    from gradus.inference.scoring import ScoredBlock


def main(
    model: Annotated[Path, typer.Argument(help="A language model's folder, such as models/lm/kneser_ney.")],
    file: TextFile = Path("/dev/stdin"),
    by_line: Annotated[
        bool, typer.Option("--by-line", help="Print one row per line of the text; print the totals to stderr.")
    ] = False,
    order: Annotated[
        int | None, typer.Option(min=1, help="Order of an n-gram model to use; by default, the highest order.")
    ] = None,
    no_verify: NoVerify = False,
) -> None:
    """Score a text with a language model: print nats, tokens, unknown tokens (OOV) and perplexity.

    Each line is scored independently of the other lines, and the end of a line counts as a token. The number
    `perplexity_without_oov` leaves out the unknown tokens, but the model still reads these tokens as context.

    Example: gradus score models/lm/modified_kneser_ney data/raw/lm/test.txt
    """
    from gradus.api import load
    from gradus.inference.line_table import HEADING, format_number, line_rows

    def show(block: "ScoredBlock") -> None:
        typer.echo("\n".join(line_rows(block)))

    opened = load(model, verify=not no_verify)
    if by_line:
        typer.echo(HEADING)
    score = opened.score_file(file, order=order, each=show if by_line else lambda block: None)
    for name, value in score.measures().items():
        typer.echo(f"{name}: {format_number(value, 6)}", err=by_line)
