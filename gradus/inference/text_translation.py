"""Translate the lines of a text with a translation model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from gradus.corpora.files import text_lines
from gradus.decoding.strategy import Strategy
from gradus.errors import InputError
from gradus.families.translation_models import OpenTranslator
from gradus.inference.arguments import require_number
from gradus.inference.sentences import decode_sentences
from gradus.inference.translation import source_sentences
from gradus.text.pairs import Lines
from gradus.text.punctuation import separate_punctuation, unknown_words
from gradus.text.token_ids import line_starts

LONGEST = 10_000
"""Maximum number of tokens in a source sentence. The time of a Transformer grows with the square of this number, so a
whole book in one line would take minutes."""


@dataclass(frozen=True)
class TranslationConfig:
    """Settings for translating a text."""

    strategy: Strategy
    """Decoding strategy."""
    batch: int
    """Number of sentences that are decoded together."""
    max_length: int
    """Maximum number of tokens in a translation."""
    seed: int
    """Seed of the random generator, for strategies that draw tokens."""

    def __post_init__(self) -> None:
        """Raise InputError if a number is out of range."""
        require_number("batch", self.batch)
        require_number("max_length", self.max_length)
        require_number("seed", self.seed, least=0)


@dataclass(frozen=True)
class Translation:
    """Translation of one line. `str(translation)` is its text."""

    text: str
    """The translation; empty for a blank line."""
    unknown: tuple[str, ...] = ()
    """Words of the source that are not in the vocabulary. The model read `<unk>` in their place."""

    def __str__(self) -> str:
        return self.text


def translate(translator: OpenTranslator, lines: Iterable[str], config: TranslationConfig) -> list[Translation]:
    """Translate lines on the CPU; return one translation per line. Punctuation is separated from unknown words.

    Raises:
        InputError: if a line is malformed or longer than `LONGEST` tokens, or a batch does not fit into memory.
        RunError: if the model assigns probability zero to every token after some prefix.
    """
    sources = [separate_punctuation(line, translator.src) for line in text_lines(lines)]
    rows = [row for row, line in enumerate(sources) if line.strip()]
    translations = [Translation("")] * len(sources)
    if not rows:
        return translations
    texts = _decode(translator, _encode(translator, sources, rows), config)
    for row, text in zip(rows, texts, strict=True):
        translations[row] = Translation(text, unknown_words(sources[row], translator.src))
    return translations


def _encode(translator: OpenTranslator, sources: Sequence[str], rows: Sequence[int]) -> Lines:
    """Convert the source sentences with the indices `rows` to token ids; refuse a sentence that is too long."""
    ids = translator.src.encode_lines([sources[row] for row in rows])  # with EOS after every line
    encoded = Lines(ids, line_starts(ids))
    longest = int(encoded.lengths.argmax())
    if encoded.lengths[longest] > LONGEST:
        raise InputError(
            f"text: line {rows[longest] + 1}",
            expected=f"a sentence of at most {LONGEST} tokens",
            found=f"{encoded.lengths[longest]} tokens",
            remedy="split the line into sentences",
        )
    return encoded


def _decode(translator: OpenTranslator, source: Lines, config: TranslationConfig) -> list[str]:
    """Translate token ids; return the translations in the order of the sentences."""
    device = torch.device("cpu")
    sentences = source_sentences(translator.model, source, device, batch=config.batch, max_length=config.max_length)
    hypotheses = decode_sentences(sentences, config.strategy, torch.Generator(device).manual_seed(config.seed))
    return [translator.tgt.decode(hypothesis.tokens) for hypothesis in hypotheses]
