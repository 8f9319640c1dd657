"""Types of the file metrics/lm/NAME.json, which contains the result of a language model."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, Bytes, Count, Label, Name, NatsPerToken, Number, Order, Share
from gradus.results.score import Context, Score
from gradus.results.subject import Devices, LanguageModelText, TokenizerFacts


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NaturalText:
    """Measurements of the test text, for comparison with generated texts.

    For the diversity, the test text is cut into pieces as long as the longest generated text. If the test text is
    shorter than one piece, all keys are absent.
    """

    texts: Count | None = None
    """Number of pieces."""
    distinct_1: Share | None = None
    """Number of distinct tokens in each piece, summed over the pieces, divided by the number of all tokens."""
    distinct_2: Share | None = None
    """Number of distinct bigrams in each piece, summed over the pieces, divided by the number of all bigrams."""
    distinct_3: Share | None = None
    """Number of distinct trigrams in each piece, summed over the pieces, divided by the number of all trigrams."""
    distinct_4: Share | None = None
    """Number of distinct 4-grams in each piece, summed over the pieces, divided by the number of all 4-grams."""
    repeated_4grams: Share | None = None
    """Number of 4-grams that occurred earlier in the same piece, divided by the number of all 4-grams."""
    grammar_nats_per_token: NatsPerToken | None = None
    """Negative log-probability of all lines of the test text under the corpus's grammar, divided by the number of all
    tokens, end-of-sentence tokens included. The grammar predicts every line without the earlier lines, so this number
    is the floor of the context `line`. Absent if the corpus has no grammar."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Generation:
    """Measurements of the texts that a model generated with one decoding strategy."""

    texts: Count
    """Number of generated texts."""
    tokens: Count
    """Number of tokens in all generated texts, end-of-sentence tokens included."""
    nats_per_token: NatsPerToken
    """Negative log-probability of all generated tokens under the model that generated them, divided by `tokens`."""
    distinct_1: Share
    """Number of distinct tokens in each text, summed over the texts, divided by the number of all tokens."""
    distinct_2: Share
    """Number of distinct bigrams in each text, summed over the texts, divided by the number of all bigrams."""
    distinct_3: Share
    """Number of distinct trigrams in each text, summed over the texts, divided by the number of all trigrams."""
    distinct_4: Share
    """Number of distinct 4-grams in each text, summed over the texts, divided by the number of all 4-grams."""
    repeated_4grams: Share
    """Number of 4-grams that occurred earlier in the same text, divided by the number of all 4-grams."""
    lines: Count
    """Number of complete lines in all generated texts. Two lines of a text are not counted: the unfinished last line,
    and, if the text continues a prompt, the line that begins with the prompt."""
    grammatical_share: Share | None = None
    """Number of complete lines that are sentences of the corpus's grammar, divided by `lines`; absent if the corpus has
    no grammar or `lines` is zero."""
    grammar_nats_per_token: NatsPerToken | None = None
    """Negative log-probability of the grammatical lines among the complete lines under the corpus's grammar, divided by
    `grammar_tokens`. The probability is exact, and the grammar predicts every line without the earlier lines. A
    grammatical line whose probability is too small for a float is left out. Absent if the corpus has no grammar or no
    complete line is grammatical. A line that is not grammatical has probability zero; `grammatical_share` counts it."""
    grammar_tokens: Count | None = None
    """Number of tokens in the lines of `grammar_nats_per_token`, end-of-sentence tokens included."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LanguageModelFacts:
    """Keys that the results of all language models have."""

    corpus: Label
    """Name of the corpus in params.yaml."""
    tokenizer: TokenizerFacts
    """Tokenizer of the training, validation and test text."""
    text: LanguageModelText
    """Facts about the test text."""
    kind: Name
    """Smoothing method, network architecture, kind of mixture (`linear` or `log_linear`), or kind of adaptation
    (`cache` or `dynamic`)."""
    floors: dict[Context, Score]
    """Score of the test text under the true distribution that generated the text. The key is the context, `line` or
    `stream`. Empty if the true distribution is unknown."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NgramSize:
    """Size of a smoother's n-gram model of the highest order."""

    order: Count
    """Order of the model: the number of tokens in its longest n-grams."""
    entries: Count
    """Number of n-grams that the model stores, summed over all orders. In contrast, `entries` of `NgramOrder` counts
    the n-grams of one order."""
    bytes: Bytes
    """Size of the model on disk."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NgramOrder:
    """Size and scores of an n-gram model of one order."""

    entries: Count
    """Number of distinct n-grams in the training text that have exactly this order. In contrast, `entries` of
    `NgramSize` counts the n-grams of all orders."""
    bytes: Bytes
    """Size of the model on disk; a model also stores the n-grams of all lower orders."""
    unseen_share: Share
    """Number of test tokens whose n-gram does not occur in the training text, divided by the number of all test tokens.
    The n-gram of a token ends with this token and has as many tokens as the order. Near the start of a line the n-gram
    is shorter."""
    valid: Score
    """Score of the validation text. The model scores each line without reading earlier lines."""
    test: Score
    """Score of the test text. The model scores each line without reading earlier lines."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NgramResult(LanguageModelFacts):
    """Result of one smoothing method, which has one n-gram model per order."""

    model: NgramSize
    """Size of the model of the highest order."""
    valid: dict[Context, Score]
    """Score of the validation text under the model of the highest order. The only key is the context `line`."""
    test: dict[Context, Score]
    """Score of the test text under the model of the highest order. The only key is the context `line`."""
    # At least one order, because the report takes the orders from the first smoother.
    orders: Annotated[dict[Order, NgramOrder], Field(min_length=1)]
    """Size and scores of the model of each order."""
    generation: dict[Name, Generation]
    """Measurements of the texts that the model of the highest order generated with each decoding strategy."""
    natural_text: NaturalText
    """Measurements of the test text, for comparison with the generated texts."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NetworkSize:
    """Size of a neural network."""

    parameters: Count
    """Number of trained weights."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class NetworkResult(LanguageModelFacts):
    """Result of a neural language model."""

    model: NetworkSize
    """Size of the network."""
    device: Devices | None = None
    """Devices that trained the network and scored the test text; absent in results of old versions of gradus."""
    valid: dict[Context, Score]
    """Score of the validation text. The key is the context, `line` or `stream`."""
    test: dict[Context, Score]
    """Score of the test text. The key is the context, `line` or `stream`."""
    generation: dict[Name, Generation]
    """Measurements of the texts that the network generated with each decoding strategy."""
    natural_text: NaturalText
    """Measurements of the test text, for comparison with the generated texts."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class MixtureModels:
    """Models of a mixture, and their weights."""

    models: Annotated[list[Name], Field(min_length=2)]
    """Names of the models."""
    weights: dict[Context, list[Number]]
    """Weights of the models, in the order of `models`, fitted on the validation text. The key is the context, `line` or
    `stream`. The weights of a context sum to 1. Only log-linear weights can be negative."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class MixtureResult(LanguageModelFacts):
    """Result of a mixture of language models. In the context `stream`, networks read all earlier text; n-gram models
    read only the current line in both contexts."""

    model: MixtureModels
    """The models and their weights."""
    valid: dict[Context, Score]
    """Score of the validation text. The key is the context, `line` or `stream`; only `line` without networks."""
    test: dict[Context, Score]
    """Score of the test text. The key is the context, `line` or `stream`; only `line` without networks."""
    generation: dict[Name, Generation]
    """Measurements of the texts that the mixture generated with each decoding strategy."""
    natural_text: NaturalText
    """Measurements of the test text, for comparison with the generated texts."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class AdaptedNetwork:
    """Network that adapts to the text that it scores."""

    network: Name
    """Name of the network, a key of `train_lm`."""
    kind: Name
    """Architecture of the network."""
    parameters: Count
    """Number of trained weights."""
    settings: dict[Name, Number]
    """Settings of the adaptation, as in `adapt_lm` of params.yaml."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class AdaptedResult(LanguageModelFacts):
    """Result of a network that adapts to the text that it scores, with a cache or by dynamic evaluation. Every token is
    scored before anything is learned from it. Both texts are scored as one stream, each from the trained weights."""

    model: AdaptedNetwork
    """The network and the settings of its adaptation."""
    device: Devices
    """Devices that trained the network and scored the test text."""
    valid: dict[Context, Score]
    """Score of the validation text. The only key is the context `stream`."""
    test: dict[Context, Score]
    """Score of the test text. The only key is the context `stream`."""


StaticResult = NgramResult | NetworkResult | MixtureResult
"""Result of a language model that does not change while it scores: an n-gram model, a network or a mixture."""
LanguageModelResult = StaticResult | AdaptedResult
"""Result of any language model."""


def result_type(values: Mapping[str, Any]) -> type[LanguageModelResult]:
    """Return the type of the result in a file metrics/lm/NAME.json.

    Args:
        values: content of the file. Other versions of gradus may have written it.
    """
    if "orders" in values:  # only results of n-gram models have this key
        return NgramResult
    model = values.get("model")
    if not isinstance(model, Mapping):
        return NetworkResult
    if "models" in model:
        return MixtureResult
    return AdaptedResult if "network" in model else NetworkResult
