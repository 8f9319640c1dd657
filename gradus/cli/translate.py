"""gradus translate: text in, its translation out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradus.cli.options import NoVerify
from gradus.errors import InputError

if TYPE_CHECKING:
    from gradus.text.pairs import Lines

LONGEST = 10_000
"""Tokens of a source sentence: the time of a Transformer grows with their square, to minutes for a whole text."""


def main(
    model: Annotated[Path, typer.Argument(help="A translation model's folder, such as models/mt/attention.")],
    file: Annotated[Path, typer.Argument(help="Text, one sentence a line; standard input if not given.")] = Path(
        "/dev/stdin"
    ),
    beam_size: Annotated[int, typer.Option(help="Hypotheses kept for each sentence; 1 is greedy.")] = 4,
    length_penalty: Annotated[float, typer.Option(help="Reward of long hypotheses.")] = 0.6,
    max_length: Annotated[int, typer.Option(min=1, help="Tokens of a translation at most.")] = 100,
    batch: Annotated[int, typer.Option(min=1, help="Sentences translated together.")] = 64,
    tokens: Annotated[Path, typer.Option(help="Folder that tokenize wrote.")] = Path("data/tokens/mt"),
    no_verify: NoVerify = False,
) -> None:
    """Translate a text line by line.

    Example: echo "The king sleeps ." | gradus translate models/mt/attention
    """
    import torch

    from gradus.corpora.files import read_lines
    from gradus.decoding.sentences import decode_sentences
    from gradus.decoding.strategy import read_strategy
    from gradus.families.translation_models import open_translator, translator_sentences
    from gradus.text.pairs import Lines
    from gradus.text.token_ids import line_starts

    beam = read_strategy({"kind": "beam", "beam_size": beam_size, "length_penalty": length_penalty}, "translate: ")
    lines = read_lines(file)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            raise InputError(f"{file}: line {number}", expected="a sentence", found="a blank line", remedy="remove it")
    translator, (src, tgt) = open_translator(model, tokens, sums=not no_verify)
    ids = src.encode_lines(lines)
    source = Lines(ids, line_starts(ids))
    _refuse_long(file, source)
    sentences = translator_sentences(translator, source, torch.device("cpu"), batch, max_length)
    for hypothesis in decode_sentences(sentences, beam, torch.Generator()):
        typer.echo(tgt.decode(hypothesis.tokens))


def _refuse_long(file: Path, source: "Lines") -> None:
    longest = int(source.lengths.argmax())
    if source.lengths[longest] > LONGEST:
        raise InputError(
            f"{file}: line {longest + 1}",
            expected=f"a sentence of at most {LONGEST} tokens",
            found=str(source.lengths[longest]),
            remedy="split it into sentences",
        )
