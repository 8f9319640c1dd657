"""Define the interface of tokenizers, train a tokenizer of any kind, and load it again."""

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
    """Tokenizer that encodes lines as token ids and decodes token ids; ids 0 to 3 are PAD, UNK, BOS and EOS.

    No text is encoded as PAD, BOS or EOS. `encode_lines` and `encode_block` add EOS after each line.
    """

    @property
    def kind(self) -> Kind:
        """Kind of tokenizer."""
        ...

    @property
    def pieces(self) -> Sequence[str]:
        """All pieces in the order of their ids. In pieces of SentencePiece, U+2581 stands for a space."""
        ...

    @property
    def size(self) -> int:
        """V, number of pieces, special pieces included."""
        ...

    @property
    def sha256(self) -> str:
        """SHA-256 of the vocabulary file, which identifies the tokenizer."""
        ...

    def encode(self, line: str) -> list[int]:
        """Return the token ids of one line, without EOS."""
        ...

    def encode_lines(self, lines: Sequence[str], track: Track = silent) -> NDArray[np.int32]:
        """Return the token ids of a text, with EOS after every line: int32 (n_tokens,)."""
        ...

    def encode_block(self, block: bytes) -> NDArray[np.int32]:
        """Return the token ids of whole UTF-8 lines, with EOS after every line: int32 (n_tokens,)."""
        ...

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of token ids; drop PAD, BOS and EOS, and write UNK as `<unk>`."""
        ...

    def save(self, folder: Path) -> None:
        """Write the files that `load_tokenizer` reads."""
        ...


def train_tokenizer(config: TokenizerConfig, lines: Sequence[str], where: str = "tokenizer") -> Tokenizer:
    """Train a tokenizer of the configured kind.

    Args:
        config: configuration of the tokenizer.
        lines: training text.
        where: name of the parameter section, for errors.
    Raises:
        InputError: if the text has no words, or does not support a vocabulary of the configured size.
    """
    if not any(line.strip() for line in lines):
        raise InputError("training text", expected="words", found="none", remedy="add text")
    if isinstance(config, WordConfig):
        # Imported here, because word tokenizers need pyarrow and the others need sentencepiece.
        from gradus.text.tokenizers.words import train_words

        return train_words(lines, config.min_count, where)
    from gradus.text.tokenizers.subwords import train_sentencepiece

    size = config.size if isinstance(config, SubwordConfig) else None
    return train_sentencepiece(lines, config.kind, size, where)


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load a tokenizer from the files that `save` wrote.

    Raises:
        InputError: if a file is missing or damaged, or has another version.
    """
    kind, content = read_folder(folder)
    if kind == "word":
        from gradus.text.tokenizers.words import read_words

        return read_words(content, folder / VOCABULARY[kind])
    from gradus.text.tokenizers.subwords import SentencePieceTokenizer

    return SentencePieceTokenizer(kind, content, str(folder / VOCABULARY[kind]))
