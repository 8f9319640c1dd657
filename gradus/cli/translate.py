"""gradus translate: translate a text line by line."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gradus.cli.interactive import STDIN, announce_reading, converse, is_conversation
from gradus.cli.options import NoVerify, Seed, TextFile, TranslationModelFolder
from gradus.cli.strategy_command import read_strategy_options
from gradus.command import show_warning

if TYPE_CHECKING:
    from gradus.inference.text_translation import Translation


def main(
    context: typer.Context,
    model: TranslationModelFolder,
    file: TextFile = STDIN,
    max_length: Annotated[int, typer.Option(min=1, help="Maximum number of tokens in a translation.")] = 100,
    batch: Annotated[
        int, typer.Option(min=1, help="Number of sentences to translate together. A large number needs more memory.")
    ] = 64,
    seed: Seed = 1,
    no_verify: NoVerify = False,
) -> None:
    """Translate a text line by line. In a terminal without a file, gradus asks for one sentence after the other.

    Write the text as the training text is written. If the model has a vocabulary of words, punctuation at the ends of
    an unknown word is separated from it: "sleeps." is read as "sleeps .". Standard error names the words that stay
    unknown; the model reads each of them as <unk>.

    Example: echo "The king sleeps." | gradus translate models/mt/attention
    """
    from gradus.api import load
    from gradus.corpora.files import read_lines

    # Options and text are checked before the model is opened, so that an error comes at once.
    strategy, asks = read_strategy_options(context), file == STDIN and is_conversation()
    if not asks:
        announce_reading(file)
    lines = [] if asks else read_lines(file)
    opened = load(model, verify=not no_verify)

    def translated(text: Sequence[str]) -> "list[Translation]":
        return opened.translate(text, strategy, max_length=max_length, batch=batch, seed=seed)

    def answer(line: str) -> Iterator[str]:
        (translation,) = translated([line])
        _name_unknown(translation, "")
        yield translation.text

    if asks:
        translated([""])  # refuses a language model before the first question
        converse(answer)
        return
    for number, translation in enumerate(translated(lines), start=1):
        _name_unknown(translation, f"line {number}: ")
        typer.echo(translation.text)


def _name_unknown(translation: "Translation", place: str) -> None:
    """Print a warning with the unknown words of a line, if there are any."""
    if translation.unknown:
        show_warning(f"{place}unknown words: {', '.join(translation.unknown)} (read as <unk>)")
