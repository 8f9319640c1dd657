"""gradus translate: translate a text line by line."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import NoVerify, TextFile


def main(
    model: Annotated[Path, typer.Argument(help="A translation model's folder, such as models/mt/attention.")],
    file: TextFile = Path("/dev/stdin"),
    beam_size: Annotated[int, typer.Option(help="Number of hypotheses per sentence; 1 is greedy search.")] = 4,
    length_penalty: Annotated[float, typer.Option(help="A larger value gives longer translations.")] = 0.6,
    max_length: Annotated[int, typer.Option(min=1, help="Maximum number of tokens in a translation.")] = 100,
    batch: Annotated[
        int, typer.Option(min=1, help="Number of sentences to translate together. A large number needs more memory.")
    ] = 64,
    no_verify: NoVerify = False,
) -> None:
    """Translate a text line by line.

    Example: echo "The king sleeps ." | gradus translate models/mt/attention
    """
    from gradus.api import load
    from gradus.corpora.files import read_lines
    from gradus.decoding.strategies import read_strategy

    # Options and text are checked before the model is opened, so that an error comes at once.
    beam = read_strategy({"kind": "beam", "beam_size": beam_size, "length_penalty": length_penalty}, "translate: ")
    lines = read_lines(file)
    for translation in load(model, verify=not no_verify).translate(lines, beam, max_length=max_length, batch=batch):
        typer.echo(translation)
