"""Result of a language model: metrics/lm/NAME.json."""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, Bytes, Count, Label, Name, NatsPerToken, Order, Share
from gradus.results.score import Context, Score
from gradus.results.subject import Devices, LanguageModelText, TokenizerFacts


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NaturalText:
    """Diversity of the test text, cut into pieces as long as a generated text; empty if the text is shorter."""

    texts: Count | None = None
    """Pieces."""
    distinct_1: Share | None = None
    """Different tokens of each piece, divided by all its tokens."""
    distinct_2: Share | None = None
    """Different bigrams of each piece, divided by all its bigrams."""
    distinct_3: Share | None = None
    """Different trigrams of each piece, divided by all its trigrams."""
    distinct_4: Share | None = None
    """Different 4-grams of each piece, divided by all its 4-grams."""
    repeated_4grams: Share | None = None
    """4-grams that occurred earlier in the same piece, divided by all 4-grams."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Generation:
    """Texts that a model generated with one decoding strategy."""

    texts: Count
    """Generated texts."""
    tokens: Count
    """Tokens of all texts, ends of sentences included."""
    nats_per_token: NatsPerToken
    """Mean negative log-probability of a token under the model that generated it."""
    distinct_1: Share
    """Different tokens of each text, divided by all its tokens."""
    distinct_2: Share
    """Different bigrams of each text, divided by all its bigrams."""
    distinct_3: Share
    """Different trigrams of each text, divided by all its trigrams."""
    distinct_4: Share
    """Different 4-grams of each text, divided by all its 4-grams."""
    repeated_4grams: Share
    """4-grams that occurred earlier in the same text, divided by all 4-grams."""
    lines: Count
    """Complete lines; the unfinished last line of a text is not counted."""
    grammatical_share: Share | None = None
    """Complete lines that the grammar derives, divided by `lines`; absent for a corpus without a grammar."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LanguageModelFacts:
    """Keys at the top of every language model's result."""

    corpus: Label
    """Name of the corpus in params.yaml."""
    tokenizer: TokenizerFacts
    """Tokenizer of the corpus."""
    text: LanguageModelText
    """Test text."""
    kind: Name
    """Smoother or architecture."""
    floors: dict[Context, Score]
    """Entropy of the test text's source, by context; empty if it is unknown."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NgramSize:
    """Size of an n-gram model of the highest order."""

    order: Count
    """Words of the longest n-grams."""
    entries: Count
    """Stored n-grams of all orders."""
    bytes: Bytes
    """Size on disk."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NgramOrder:
    """An n-gram model of one order."""

    entries: Count
    """Distinct n-grams of this order in the training text."""
    bytes: Bytes
    """Size of the model of this order, its shorter n-grams included."""
    unseen_share: Share
    """Test tokens whose n-gram does not occur in the training text, divided by all test tokens."""
    valid: Score
    """Score of the validation text, line by line."""
    test: Score
    """Score of the test text, line by line."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NgramResult(LanguageModelFacts):
    """Result of one smoother: its model of the highest order, and its models of every order."""

    model: NgramSize
    """Size of the model of the highest order."""
    valid: dict[Context, Score]
    """Score of the validation text, by context; n-grams read line by line only."""
    test: dict[Context, Score]
    """Score of the test text, by context; n-grams read line by line only."""
    orders: Annotated[dict[Order, NgramOrder], Field(min_length=1)]
    """Models of every order, by order."""
    generation: dict[Name, Generation]
    """Generated texts, by decoding strategy."""
    natural_text: NaturalText
    """Diversity of the test text, for comparison."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NetworkSize:
    """Size of a network."""

    parameters: Count
    """Trained weights."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NetworkResult(LanguageModelFacts):
    """Result of a neural language model."""

    model: NetworkSize
    """Size of the network."""
    device: Devices | None = None
    """Devices; absent in results of old versions."""
    valid: dict[Context, Score]
    """Score of the validation text, by context."""
    test: dict[Context, Score]
    """Score of the test text, by context."""
    generation: dict[Name, Generation]
    """Generated texts, by decoding strategy."""
    natural_text: NaturalText
    """Diversity of the test text, for comparison."""


LanguageModelResult = NgramResult | NetworkResult
"""Result of a language model of any family."""
