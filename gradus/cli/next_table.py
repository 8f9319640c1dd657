"""Show the next words of several models: side by side in a terminal, and as rows with tabs in a pipe or a file."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradus.cli.columns import padded, width_of
from gradus.errors import InputError
from gradus.faults import one_line
from gradus.terminal import is_terminal, paint

if TYPE_CHECKING:
    from gradus.api import Model
    from gradus.inference.next_tokens import NextToken

BAR = 8
"""Width of the bar that stands for probability 1."""
GAP = "   "
"""Space between the columns of two models."""


def next_lines(models: Sequence["Model"], prompt: str, top: int) -> Iterator[str]:
    """Yield the lines that show the next words of each model after a prompt.

    Raises:
        InputError: if a model does not know a word of the prompt.
    """
    found = [_next(model, prompt, top) for model in models]
    if not is_terminal(sys.stdout):
        for model, tokens in zip(models, found, strict=True):
            yield from (f"{model.path}\t{one_line(token.text)}\t{token.probability:.6g}" for token in tokens)
        return
    columns = [_column(one_line(str(model.path)), tokens) for model, tokens in zip(models, found, strict=True)]
    for number, block in enumerate(_blocks(columns, shutil.get_terminal_size().columns)):
        yield from [""] if number else []
        for row in range(max(len(column.lines) for column in block)):
            yield GAP.join(column.line(row) for column in block).rstrip()


def _next(model: "Model", prompt: str, top: int) -> list["NextToken"]:
    try:
        return model.next(prompt, top)
    except InputError as error:  # the models can have different vocabularies, so the error says which one refuses
        where = f"{model.path}: {error.where}"
        raise InputError(where, expected=error.expected, found=error.found, remedy=error.remedy) from None


@dataclass(frozen=True)
class _Column:
    """Lines of one model, all of the same width in terminal cells."""

    width: int
    lines: list[str]

    def line(self, row: int) -> str:
        """Return a line; a blank line if the model has fewer lines, because few words have a probability above zero."""
        return self.lines[row] if row < len(self.lines) else " " * self.width


def _column(heading: str, tokens: Sequence["NextToken"]) -> _Column:
    """Return the next words of one model under a heading."""
    words = [one_line(token.text) for token in tokens]
    longest = max(map(width_of, words), default=0)
    width = max(width_of(heading), longest + 2 + 6 + 1 + BAR)
    lines = [paint(padded(heading, width), "heading")]
    for word, token in zip(words, tokens, strict=True):
        start = f"{padded(word, longest)}  {token.probability:.4f} "
        lines.append(start + paint(padded(_bar(token.probability), width - width_of(start)), "bar"))
    return _Column(width, lines)


def _bar(probability: float) -> str:
    """Return a bar of up to `BAR` cells whose length is proportional to a probability, in steps of an eighth cell."""
    cells, eighths = divmod(round(probability * BAR * 8), 8)
    return "█" * cells + ("" if not eighths else "▏▎▍▌▋▊▉"[eighths - 1])


def _blocks(columns: Sequence[_Column], width: int) -> Iterator[list[_Column]]:
    """Divide columns into blocks that fit beside each other; a column that is too wide has a block of its own."""
    block: list[_Column] = []
    for column in columns:
        taken = sum(other.width + len(GAP) for other in block)
        if block and taken + column.width > width:
            yield block
            block = []
        block.append(column)
    yield block
