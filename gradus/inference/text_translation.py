"""Translate the lines of a text file with a translation model."""

from collections.abc import Sequence
from pathlib import Path

import torch

from gradus.corpora.files import read_lines
from gradus.decoding.strategy import Strategy
from gradus.errors import InputError
from gradus.families.translation_models import OpenTranslator
from gradus.inference.sentences import decode_sentences
from gradus.inference.translation import source_sentences
from gradus.text.pairs import Lines
from gradus.text.token_ids import line_starts

LONGEST = 10_000
"""Maximum number of tokens in a source sentence. The time of a Transformer grows with the square of this number, so a
whole book in one line would take minutes."""


def read_sentences(file: Path) -> list[str]:
    """Read the sentences to translate from a text file with one sentence per line.

    Raises:
        InputError: if the file cannot be read as text, or has a blank line.
    """
    lines = read_lines(file)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            where = f"{file}: line {number}"
            raise InputError(where, expected="a sentence", found="a blank line", remedy="remove the blank line")
    return lines


def encode_sentences(translator: OpenTranslator, lines: Sequence[str], file: Path) -> Lines:
    """Convert source sentences to token ids.

    Args:
        translator: translation model with its tokenizers.
        lines: source sentences.
        file: file of the sentences, for the error message.
    Raises:
        InputError: if a sentence has more than `LONGEST` tokens.
    """
    ids = translator.src.encode_lines(lines)  # with EOS after every line
    source = Lines(ids, line_starts(ids))
    longest = int(source.lengths.argmax())
    if source.lengths[longest] > LONGEST:
        raise InputError(
            f"{file}: line {longest + 1}",
            expected=f"a sentence of at most {LONGEST} tokens",
            found=f"{source.lengths[longest]} tokens",
            remedy="split the line into sentences",
        )
    return source


def translate(
    translator: OpenTranslator, source: Lines, strategy: Strategy, *, batch: int, max_length: int
) -> list[str]:
    """Translate source sentences on the CPU; return the translations in the order of the sentences.

    Args:
        translator: translation model with its tokenizers.
        source: token ids of the source sentences.
        strategy: decoding strategy.
        batch: number of sentences that are decoded together.
        max_length: maximum number of tokens in a translation.
    Raises:
        InputError: if a batch does not fit into memory.
        RunError: if the model assigns probability zero to every token after some prefix.
    """
    device = torch.device("cpu")
    sentences = source_sentences(translator.model, source, device, batch=batch, max_length=max_length)
    hypotheses = decode_sentences(sentences, strategy, torch.Generator())
    return [translator.tgt.decode(hypothesis.tokens) for hypothesis in hypotheses]
