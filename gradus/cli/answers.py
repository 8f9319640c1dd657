"""Answer one text of the command line, lines that a person types, or the lines of standard input."""

from collections.abc import Callable, Iterable

import typer

from gradus.cli.interactive import STDIN, announce_reading, converse, is_conversation


def answer_texts(text: str | None, answer: Callable[[str], Iterable[str]]) -> None:
    """Print the answer to a text. If the text is None, print the answers to the lines of standard input.

    Args:
        text: the text of the command line, or None.
        answer: function that yields the lines of an answer.
    Raises:
        InputError: if the text is wrong. In a conversation, a wrong line is reported, and the next one is read.
    """
    from gradus.corpora.files import read_lines

    if text is None and is_conversation():
        converse(answer)
        return
    if text is None:
        announce_reading(STDIN)
    for line in read_lines(STDIN) if text is None else [text]:
        for shown in answer(line):
            typer.echo(shown)
