"""Types of the file metrics/mt/NAME.json, which contains the result of a translation model."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, Caption, Count, Label, Name, NatsPerToken, Points, Ratio, Share, SourceLength
from gradus.results.language_model import NetworkSize
from gradus.results.score import Score
from gradus.results.subject import Devices, TokenizerFacts, TranslationText


@dataclass(frozen=True, kw_only=True, config=RESULT)
class SourceLengthScores:
    """Scores of the test pairs whose source length is within one range."""

    pairs: Count
    """Number of test pairs in this range."""
    bleu: Points | None = None
    """Cased BLEU of the translations in this range; absent if `pairs` is less than `evaluate_mt.min_pairs`."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class StrategyScores:
    """Scores of a model's translations of the test text with one decoding strategy."""

    bleu: Points
    """Cased corpus BLEU of the detokenized translations; sacreBLEU tokenizes them with its tokenizer 13a."""
    bleu_signature: Caption
    """Signature of `bleu`: a text in which sacreBLEU describes how it computed the value."""
    bleu_lowercase: Points
    """Corpus BLEU of translations and references in lower case, for comparison with older papers."""
    bleu_lowercase_signature: Caption
    """Signature of `bleu_lowercase`: a text in which sacreBLEU describes how it computed the value."""
    chrf: Points
    """Corpus chrF2, the F-score of character n-grams with beta = 2."""
    chrf_signature: Caption
    """Signature of `chrf`: a text in which sacreBLEU describes how it computed the value."""
    exact_match: Share
    """Number of translations that are identical to their reference, divided by the number of all translations."""
    length_ratio: Ratio
    """Number of words in all translations, divided by the number of words in all references."""
    token_accuracy: Share
    """Number of positions at which a translation has the same token as its reference, divided by the number of all
    reference tokens; end-of-sentence tokens included."""
    nats_per_token: NatsPerToken
    """Negative log-probability of all translations under the model that wrote them, divided by the number of their
    tokens."""
    by_source_length: dict[SourceLength, SourceLengthScores]
    """Scores for each range of source lengths; a length is the number of words in the source sentence."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TeacherForcedScore(Score):
    """Score of the reference translations of the test text under the model.

    The model predicts each token of a reference from the source sentence and the earlier tokens of the same reference.
    """

    token_accuracy: Share
    """Number of positions at which the model's most probable token is the reference token, divided by the number of all
    reference tokens; end-of-sentence tokens included."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TranslationResult:
    """Result of a translation model."""

    corpus: Label
    """Name of the corpus in params.yaml."""
    src: Label
    """Source language."""
    tgt: Label
    """Target language."""
    tokenizer: TokenizerFacts | None = None
    """Tokenizer of the source and target text; absent if source and target have different tokenizers."""
    # The aliases are the keys in the file: a Python name cannot contain a dot.
    tokenizer_src: Annotated[TokenizerFacts | None, Field(alias="tokenizer.src")] = None
    """Tokenizer of the source text; absent if source and target share a tokenizer."""
    tokenizer_tgt: Annotated[TokenizerFacts | None, Field(alias="tokenizer.tgt")] = None
    """Tokenizer of the target text; absent if source and target share a tokenizer."""
    text: TranslationText
    """Facts about the test text."""
    model: NetworkSize
    """Size of the network."""
    device: Devices | None = None
    """Devices that trained the network and scored the references; absent in results of old versions of gradus."""
    teacher_forced: TeacherForcedScore
    """Score of the reference translations under the model."""
    # At least one strategy, because `headline` needs one.
    strategies: Annotated[dict[Name, StrategyScores], Field(min_length=1)]
    """Scores of the model's translations with each decoding strategy."""

    @property
    def headline_strategy(self) -> str:
        """Name of the decoding strategy whose scores represent the model in comparisons."""
        return headline_strategy(self.strategies)

    @property
    def headline(self) -> StrategyScores:
        """Scores of the strategy `headline_strategy`."""
        return self.strategies[self.headline_strategy]


def headline_strategy(strategies: Mapping[str, object]) -> str:
    """Return `beam` if this strategy exists; otherwise return the first key of `strategies`.

    The choice uses names and ignores scores, because scores of the test text must not select a strategy.
    """
    return "beam" if "beam" in strategies else next(iter(strategies))
