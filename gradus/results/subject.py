"""Facts about the text, the tokenizer and the devices behind a result."""

from pydantic.dataclasses import dataclass

from gradus.device import Device
from gradus.results.fields import RESULT, Count, Label, Name, Share


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TokenizerFacts:
    """Tokenizer whose tokens were counted."""

    kind: Name
    """Kind of tokenizer, such as `word` or `bpe`."""
    size: Count
    """Token ids, special tokens included."""
    sha256: Label
    """SHA-256 of the tokenizer's files."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LanguageModelText:
    """Test text of the language models."""

    lines: Count
    """Lines."""
    tokens: Count
    """Tokens, one end of sentence per line included."""
    characters: Count
    """Code points, one newline per line included."""
    unk: Count
    """Unknown tokens."""
    oov_rate: Share
    """`unk` divided by the tokens other than ends of sentences."""
    sha256: Label | None = None
    """SHA-256 of the text; absent in results of old versions."""
    lines_seen_in_training: Count
    """Test lines that also occur in the training text."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TranslationText:
    """Test text of the translation models."""

    pairs: Count
    """Sentence pairs."""
    sha256: Label | None = None
    """SHA-256 of both sides, source first; absent in results of old versions."""
    pairs_seen_in_training: Count
    """Test pairs that also occur in the training text."""
    sources_seen_in_training: Count
    """Test sources that also occur in the training text."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Devices:
    """Devices of a network."""

    training: Device
    """Device that trained the network."""
    scoring: Device
    """Device that scored the test text."""
