"""Section `tokenize` of params.yaml: the tokenizer of each track."""

from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.params import STRICT, read_params


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WordConfig:
    """Words between white space; words that occur fewer than `min_count` times in training become UNK."""

    kind: Literal["word"]
    min_count: Annotated[int, Field(ge=1, le=10**9)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SubwordConfig:
    """SentencePiece's unigram model or byte-pair encoding; `size` counts pieces, the four special ones included."""

    kind: Literal["unigram", "bpe"]
    size: Annotated[int, Field(ge=5, le=10**6)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CharConfig:
    """One piece per character of the training text."""

    kind: Literal["char"]


TokenizerConfig = WordConfig | SubwordConfig | CharConfig


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
    """Tokenizer configuration of a track."""

    config: TokenizerConfig
    joint: bool
    """Whether source and target share one tokenizer."""


def read_tokenizer_config(params: Path, track: Literal["lm", "mt"]) -> TrackTokenizer:
    """Read the section `tokenize.lm` or `tokenize.mt`; only the latter has the key `joint`.

    Raises:
        InputError: as `read_params`.
    """
    config: Any = read_params(params, f"tokenize.{track}", _LM if track == "lm" else _MT)
    return TrackTokenizer(config, joint=track == "mt" and config.joint)
