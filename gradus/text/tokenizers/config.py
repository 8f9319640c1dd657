"""Read the section `tokenize` of params.yaml: settings of the tokenizers."""

from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.params import STRICT, read_params


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WordConfig:
    """Settings of a word tokenizer. Words with a count below `min_count` in the training text become UNK."""

    kind: Literal["word"]
    min_count: Annotated[int, Field(ge=1, le=10**9)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SubwordConfig:
    """Settings of a unigram model or a byte-pair encoding; `size` includes the four special pieces."""

    kind: Literal["unigram", "bpe"]
    size: Annotated[int, Field(ge=5, le=10**6)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CharConfig:
    """Settings of a character tokenizer, whose pieces are the characters of the training text."""

    kind: Literal["char"]


TokenizerConfig = WordConfig | SubwordConfig | CharConfig


# `STRICT` refuses unknown keys, so translation needs classes of its own for the key `joint`.
@dataclass(frozen=True, kw_only=True, config=STRICT)
class _PairOfWords(WordConfig):
    joint: bool


@dataclass(frozen=True, kw_only=True, config=STRICT)
class _PairOfSubwords(SubwordConfig):
    joint: bool


@dataclass(frozen=True, kw_only=True, config=STRICT)
class _PairOfChars(CharConfig):
    joint: bool


_LM: Any = Annotated[TokenizerConfig, Field(discriminator="kind")]
_MT: Any = Annotated[_PairOfWords | _PairOfSubwords | _PairOfChars, Field(discriminator="kind")]


@plain_dataclass(frozen=True)
class TrackTokenizer:
    """Settings of the tokenizers for language models, or of the tokenizers for translation."""

    config: TokenizerConfig
    joint: bool
    """Whether source and target share one tokenizer."""


def read_tokenizer_config(params: Path, track: Literal["lm", "mt"]) -> TrackTokenizer:
    """Read the section `tokenize.lm` or `tokenize.mt`; only `tokenize.mt` has the key `joint`.

    Raises:
        InputError: if the file or the section is missing, or a key is missing, unknown or out of range.
    """
    config: Any = read_params(params, f"tokenize.{track}", _LM if track == "lm" else _MT)
    return TrackTokenizer(config, joint=track == "mt" and config.joint)
