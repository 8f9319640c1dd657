"""Interface of the four kinds of tokenizers, and functions that train and load them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from gradus.errors import InputError
from gradus.progress import Track, silent
from gradus.text.tokenizers.config import SubwordConfig, TokenizerConfig, WordConfig
from gradus.text.tokenizers.folder import VOCABULARY, read_folder

Kind = Literal["word", "unigram", "bpe", "char"]


class Tokenizer(Protocol):
    """Encodes lines as token ids and decodes them; ids 0 to 3 are PAD, UNK, BOS and EOS.

    Text is never encoded as PAD, BOS or EOS. `encode_lines` and `encode_block` add EOS after each line.
    """

    @property
    def kind(self) -> Kind:
        """Kind of pieces."""
        ...

    @property
    def pieces(self) -> Sequence[str]:
        """All pieces in the order of their ids, special ones first; SentencePiece writes a space as U+2581."""
        ...

    @property
    def size(self) -> int:
        """V, number of pieces, special ones included."""
        ...

    @property
    def sha256(self) -> str:
        """SHA-256 of the vocabulary file; equal tokenizers have equal hashes."""
        ...

    def encode(self, line: str) -> list[int]:
        """Return the ids of one line, without EOS."""
        ...

    def encode_lines(self, lines: Sequence[str], track: Track = silent) -> NDArray[np.int32]:
        """Return the ids of a text, EOS after every line: int32 (n_tokens,)."""
        ...

    def encode_block(self, block: bytes) -> NDArray[np.int32]:
        """Return the ids of UTF-8 lines that each end in a newline, EOS after every line: int32 (n_tokens,)."""
        ...

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of ids; drop PAD, BOS and EOS, and write UNK as `<unk>`."""
        ...

    def save(self, folder: Path) -> None:
        """Write the tokenizer into a folder that `load_tokenizer` reads."""
        ...


def train_tokenizer(config: TokenizerConfig, lines: Sequence[str], where: str = "tokenizer") -> Tokenizer:
    """Build a vocabulary from training lines.

    Args:
        config: configuration of the tokenizer.
        lines: training text.
        where: parameter of the configuration, for errors.
    Raises:
        InputError: if the text has no words, or does not support a vocabulary of this size.
    """
    if not any(line.strip() for line in lines):
        raise InputError("training text", expected="words", found="none", remedy="add text")
    if isinstance(config, WordConfig):
        from gradus.text.tokenizers.words import train_words

        return train_words(lines, config.min_count, where)
    from gradus.text.tokenizers.subwords import train_sentencepiece

    size = config.size if isinstance(config, SubwordConfig) else None
    return train_sentencepiece(lines, config.kind, size, where)


def load_tokenizer(folder: Path) -> Tokenizer:
    """Read a tokenizer that `save` wrote.

    Raises:
        InputError: if a file is missing, truncated or of another version.
    """
    kind, content = read_folder(folder)
    if kind == "word":
        from gradus.text.tokenizers.words import read_words

        return read_words(content, folder / VOCABULARY[kind])
    from gradus.text.tokenizers.subwords import SentencePieceTokenizer

    return SentencePieceTokenizer(kind, content, str(folder / VOCABULARY[kind]))
