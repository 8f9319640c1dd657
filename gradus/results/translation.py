"""Result of a translation model: metrics/mt/NAME.json."""

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
    """Scores of the translations of sources within one range of lengths."""

    pairs: Count
    """Sentence pairs in this range."""
    bleu: Points | None = None
    """Cased BLEU; absent if the range has too few pairs (evaluate_mt.min_pairs in params.yaml)."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class StrategyScores:
    """Scores of the translations by one decoding strategy."""

    bleu: Points
    """Cased BLEU of detokenized text, tokenization 13a."""
    bleu_signature: Caption
    """sacreBLEU's signature of `bleu`."""
    bleu_lowercase: Points
    """BLEU of lower-cased text, for comparison with older papers."""
    bleu_lowercase_signature: Caption
    """sacreBLEU's signature of `bleu_lowercase`."""
    chrf: Points
    """chrF2."""
    chrf_signature: Caption
    """sacreBLEU's signature of `chrf`."""
    exact_match: Share
    """Translations that equal their reference, divided by all."""
    length_ratio: Ratio
    """Words of all translations, divided by words of all references."""
    token_accuracy: Share
    """Reference tokens that the translation has at the same position, divided by all reference tokens."""
    nats_per_token: NatsPerToken
    """Mean negative log-probability of a token of the translations under the model."""
    by_source_length: dict[SourceLength, SourceLengthScores]
    """Scores by range of source lengths, in words."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TeacherForcedScore(Score):
    """Score of the references; the model reads the reference's own prefix."""

    token_accuracy: Share
    """Reference tokens that the model finds most probable, divided by all reference tokens."""


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
    """Tokenizer of both sides; absent if each side has its own."""
    tokenizer_src: Annotated[TokenizerFacts | None, Field(alias="tokenizer.src")] = None
    """Tokenizer of the source side; absent if both sides share one."""
    tokenizer_tgt: Annotated[TokenizerFacts | None, Field(alias="tokenizer.tgt")] = None
    """Tokenizer of the target side; absent if both sides share one."""
    text: TranslationText
    """Test text."""
    model: NetworkSize
    """Size of the network."""
    device: Devices | None = None
    """Devices; absent in results of old versions."""
    teacher_forced: TeacherForcedScore
    """Score of the references."""
    strategies: Annotated[dict[Name, StrategyScores], Field(min_length=1)]
    """Scores of the translations, by decoding strategy."""

    @property
    def headline_strategy(self) -> str:
        """Return the strategy by which models are compared."""
        return headline_strategy(self.strategies)

    @property
    def headline(self) -> StrategyScores:
        """Return the scores of the headline strategy."""
        return self.strategies[self.headline_strategy]


def headline_strategy(strategies: Mapping[str, object]) -> str:
    """Return `beam`, or the first strategy if there is none.

    The choice is by name, because the test text must not select a strategy.
    """
    return "beam" if "beam" in strategies else next(iter(strategies))
