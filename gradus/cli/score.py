"""gradus score: compute the perplexity of a text under a language model."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import LMTokens, NoVerify, TextFile


def main(
    model: Annotated[Path, typer.Argument(help="A language model's folder, such as models/lm/kneser_ney.")],
    file: TextFile = Path("/dev/stdin"),
    by_line: Annotated[
        bool, typer.Option("--by-line", help="Print one row per line of the text; print the totals to stderr.")
    ] = False,
    order: Annotated[
        int | None, typer.Option(min=1, help="Order of an n-gram model to use; by default, the highest order.")
    ] = None,
    tokens: LMTokens = Path("data/tokens/lm"),
    no_verify: NoVerify = False,
) -> None:
    """Score a text with a language model: print nats, tokens, unknown tokens (OOV) and perplexity.

    Each line is scored independently of the other lines, and the end of a line counts as a token. The number
    `perplexity_without_oov` leaves out the unknown tokens, but the model still reads these tokens as context.

    Example: gradus score models/lm/modified_kneser_ney data/raw/lm/test.txt
    """
    from gradus.families.language_models import open_folder
    from gradus.families.tokenizers import load_model_tokenizer
    from gradus.inference.line_table import HEADING, format_number, line_rows
    from gradus.inference.scoring import TextScore, open_scorer, score_text

    opened = open_folder(model, sums=not no_verify)
    tokenizer = load_model_tokenizer(opened, tokens)
    scorer, score = open_scorer(opened, order), TextScore()
    if by_line:
        typer.echo(HEADING)
    for block in score_text(file, tokenizer, scorer):
        score = score.add(block)
        if by_line:
            typer.echo("\n".join(line_rows(block, scorer.normalised)))
    for name, value in score.measures(scorer.normalised).items():
        typer.echo(f"{name}: {format_number(value, 6)}", err=by_line)
