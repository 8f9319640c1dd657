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
    tokens: Annotated[Path, typer.Option(help="Folder that the stage `tokenize` wrote.")] = Path("data/tokens/mt"),
    no_verify: NoVerify = False,
) -> None:
    """Translate a text line by line.

    Example: echo "The king sleeps ." | gradus translate models/mt/attention
    """
    from gradus.decoding.strategies import read_strategy
    from gradus.families.translation_models import open_translator
    from gradus.inference.text_translation import encode_sentences, read_sentences, translate

    # Options and text are checked before the model is opened, so that an error comes at once.
    beam = read_strategy({"kind": "beam", "beam_size": beam_size, "length_penalty": length_penalty}, "translate: ")
    lines = read_sentences(file)
    translator = open_translator(model, tokens, sums=not no_verify)
    source = encode_sentences(translator, lines, file)
    for translation in translate(translator, source, beam, batch=batch, max_length=max_length):
        typer.echo(translation)
