"""The tokenizer: lines of text to token ids and back; four kinds behind one interface."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from gradus.errors import InputError
from gradus.progress import Track, silent
from gradus.text.tokenizer_config import SubwordConfig, TokenizerConfig, WordConfig
from gradus.text.tokenizer_folder import VOCABULARY, read_folder

Kind = Literal["word", "unigram", "bpe", "char"]


class Tokenizer(Protocol):
    """Splits a line into pieces, of which each has an id; ids 0 to 3 are PAD, UNK, BOS and EOS.

    No text is ever encoded to PAD, BOS or EOS: only `encode_lines` writes EOS, after each line.
    """

    @property
    def kind(self) -> Kind:
        """How it splits."""
        ...

    @property
    def pieces(self) -> Sequence[str]:
        """Every piece in the order of its id, the special ones first; SentencePiece writes a space as U+2581."""
        ...

    @property
    def size(self) -> int:
        """Number of pieces, special ones included: V, the whole id space."""
        ...

    @property
    def sha256(self) -> str:
        """Hash of the vocabulary file, to tell two tokenizers apart."""
        ...

    def encode(self, line: str) -> list[int]:
        """Return the ids of one line, without EOS."""
        ...

    def encode_lines(self, lines: Sequence[str], track: Track = silent) -> NDArray[np.int32]:
        """Return the ids of a text, EOS after every line: int32 (n_tokens,)."""
        ...

    def encode_block(self, block: bytes) -> NDArray[np.int32]:
        """Return the ids of lines of UTF-8, each ended by a newline, EOS after every line: int32 (n_tokens,)."""
        ...

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of ids; PAD, BOS and EOS are dropped, UNK is written `<unk>`."""
        ...

    def save(self, folder: Path) -> None:
        """Write the tokenizer into a folder that `load_tokenizer` reads."""
        ...


def train_tokenizer(config: TokenizerConfig, lines: Sequence[str], where: str = "tokenizer") -> Tokenizer:
    """Build a vocabulary from training lines alone; errors name `where` the config stands.

    Raises:
        InputError: if the text has no words, or does not support a vocabulary of that size.
    """
    if not any(line.strip() for line in lines):
        raise InputError("training text", expected="words", found="none", remedy="give it text")
    if isinstance(config, WordConfig):
        from gradus.text.word_tokenizer import train_words

        return train_words(lines, config.min_count, where)
    from gradus.text.sentencepiece_tokenizer import train_sentencepiece

    size = config.size if isinstance(config, SubwordConfig) else None
    return train_sentencepiece(lines, config.kind, size, where)


def load_tokenizer(folder: Path) -> Tokenizer:
    """Read a tokenizer that `save` wrote.

    Raises:
        InputError: if a file is missing, truncated or of another version.
    """
    kind, content = read_folder(folder)
    if kind == "word":
        from gradus.text.word_tokenizer import read_words

        return read_words(content, folder / VOCABULARY[kind])
    from gradus.text.sentencepiece_tokenizer import SentencePieceTokenizer

    return SentencePieceTokenizer(kind, content, str(folder / VOCABULARY[kind]))
