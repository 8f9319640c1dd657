"""Types of the facts that a result contains about the text, the tokenizer and the devices."""

from pydantic.dataclasses import dataclass

from gradus.device import Device
from gradus.results.fields import RESULT, Count, Label, Name, Share


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TokenizerFacts:
    """Tokenizer that split the text into tokens."""

    kind: Name
    """Kind of tokenizer, such as `word` or `bpe`."""
    size: Count
    """Number of types in the vocabulary, special tokens included."""
    sha256: Label
    """SHA-256 of the tokenizer's files."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LanguageModelText:
    """Facts about the test text of the language models."""

    lines: Count
    """Number of lines in the test text."""
    tokens: Count
    """Number of tokens in the test text, including one end-of-sentence token per line."""
    characters: Count
    """Number of Unicode code points in the test text, including one newline per line."""
    unk: Count
    """Number of unknown tokens in the test text."""
    oov_rate: Share
    """`unk` divided by the number of tokens that are not end-of-sentence tokens, which is `tokens` minus `lines`."""
    sha256: Label | None = None
    """SHA-256 of the test text; absent in results of old versions of gradus."""
    lines_seen_in_training: Count
    """Number of test lines that also occur in the training text."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TranslationText:
    """Facts about the test text of the translation models."""

    pairs: Count
    """Number of sentence pairs in the test text."""
    sha256: Label | None = None
    """SHA-256 of the source text followed by the target text; absent in results of old versions of gradus."""
    pairs_seen_in_training: Count
    """Number of test pairs that also occur in the training text."""
    sources_seen_in_training: Count
    """Number of test pairs whose source sentence also occurs in the training text."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Devices:
    """Devices that computed the result of a network."""

    training: Device
    """Device that trained the network."""
    scoring: Device
    """Device that scored the validation and test text with the network."""
