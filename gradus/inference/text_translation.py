"""Translate the lines of a text file by a translation model."""

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
"""Most tokens of a source sentence. A Transformer's time grows with their square: a whole book would take minutes."""


def read_sentences(file: Path) -> list[str]:
    """Read the lines of a text to translate.

    Raises:
        InputError: if the file cannot be read as text, or has a blank line.
    """
    lines = read_lines(file)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            raise InputError(f"{file}: line {number}", expected="a sentence", found="a blank line", remedy="remove it")
    return lines


def encode_sentences(translator: OpenTranslator, lines: Sequence[str], file: Path) -> Lines:
    """Return sentences as source token ids.

    Args:
        file: place of the sentences, for the error.
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
            found=str(source.lengths[longest]),
            remedy="split it into sentences",
        )
    return source


def translate(
    translator: OpenTranslator, source: Lines, strategy: Strategy, *, batch: int, max_length: int
) -> list[str]:
    """Return the translations of source sentences, on the CPU, in their order.

    Raises:
        InputError: if a batch does not fit into memory.
        RunError: if the model gives every token probability zero after some prefix.
    """
    device = torch.device("cpu")
    sentences = source_sentences(translator.model, source, device, batch=batch, max_length=max_length)
    hypotheses = decode_sentences(sentences, strategy, torch.Generator())
    return [translator.tgt.decode(hypothesis.tokens) for hypothesis in hypotheses]
