"""gradus score: compute the perplexity of a text under a language model."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from gradus.cli.columns import aligned
from gradus.cli.interactive import STDIN, announce_reading
from gradus.cli.options import LanguageModelFolder, NoVerify, TextFile
from gradus.command import show_warning
from gradus.terminal import is_terminal, paint

if TYPE_CHECKING:
    from gradus.inference.scoring import ScoredBlock

MANY = 0.05
"""Share of unknown tokens above which the command asks whether the text is written as the training text."""


def main(
    model: LanguageModelFolder,
    file: TextFile = STDIN,
    by_line: Annotated[
        bool, typer.Option("--by-line", help="Print one row per line of the text; print the totals to stderr.")
    ] = False,
    order: Annotated[
        int | None,
        typer.Option(min=1, help="Longest n-grams that an n-gram model uses; by default, all that it has."),
    ] = None,
    no_verify: NoVerify = False,
) -> None:
    """Measure how well a language model predicts a text: print nats, tokens, unknown tokens (OOV) and perplexity.

    `nats` is the sum of -ln P(token) over all tokens. The perplexity, e^(nats / tokens), is the number of equally
    likely words among which the model would be as unsure: lower is better.
    Each line is scored independently of the other lines, and the end of a line counts as a token. The number
    `perplexity_without_oov` leaves out the unknown tokens, but the model still reads these tokens as context.

    The text is taken as it is. For a vocabulary of words, write it as the training text is written, with spaces around
    punctuation if the training text has them.

    Example: gradus score models/lm/modified_kneser_ney data/raw/lm/test.txt
    """
    from gradus.api import load
    from gradus.inference.line_table import HEADING, format_number, line_rows

    def show(block: "ScoredBlock") -> None:
        typer.echo("\n".join(line_rows(block)))

    opened = load(model, verify=not no_verify)
    announce_reading(file)
    if by_line:
        typer.echo(HEADING)
    score = opened.score_file(file, order=order, each=show if by_line else lambda block: None)
    _show_measures({name: format_number(value, 6) for name, value in score.measures().items()}, err=by_line)
    if score.oov > MANY * score.tokens:
        show_warning(
            f"{score.oov} of {score.tokens} tokens are unknown; write words as in the training text, with the same "
            "letter case, and with spaces around punctuation if it has them"
        )


def _show_measures(numbers: Mapping[str, str], err: bool) -> None:
    """Print a name and a number on each line, in aligned columns if the stream is a terminal."""
    if not is_terminal(sys.stderr if err else sys.stdout):
        lines = [f"{name}: {number}" for name, number in numbers.items()]
    else:
        rows = zip(numbers, aligned(list(numbers.items()), right=1), strict=True)
        lines = [paint(name, "name", err=err) + row.removeprefix(name) for name, row in rows]
    typer.echo("\n".join(lines), err=err)
