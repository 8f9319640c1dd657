"""Result of a recipe over several seeds: metrics/recipes/NAME.json."""

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, Label, Name, Seed, Spread
from gradus.results.score import Context


@dataclass(frozen=True, kw_only=True, config=RESULT)
class ScoreSummary:
    """Mean or standard deviation of the numbers of a score; see Score for their units."""

    zero_tokens: Spread | None = None
    """Tokens of probability zero."""
    mean_score_nats: Spread | None = None
    """Mean negative log score, in nats per token."""
    nats_per_token: Spread | None = None
    """Cross-entropy, in nats per token."""
    perplexity: Spread | None = None
    """Perplexity."""
    bits_per_char: Spread | None = None
    """Cross-entropy, in bits per character."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LanguageModelSummary:
    """Mean or standard deviation of the numbers of a language model's result."""

    test: dict[Context, ScoreSummary] = Field(default_factory=dict)
    """Score of the test text, by context."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class StrategySummary:
    """Mean or standard deviation of the scores of one decoding strategy."""

    bleu: Spread | None = None
    """Cased BLEU, in points."""
    bleu_lowercase: Spread | None = None
    """BLEU of lower-cased text, in points."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TranslationSummary:
    """Mean or standard deviation of the numbers of a translation model's result."""

    teacher_forced: ScoreSummary = Field(default_factory=ScoreSummary)
    """Score of the references."""
    strategies: dict[Name, StrategySummary] = Field(default_factory=dict)
    """Scores of the translations, by decoding strategy."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Summaries:
    """Mean or standard deviation over the seeds, by track and model.

    The file has every number of the models' results, with the same keys; these are the ones that gradus reads.
    """

    lm: dict[Name, LanguageModelSummary] = Field(default_factory=dict)
    """Language models, by name."""
    mt: dict[Name, TranslationSummary] = Field(default_factory=dict)
    """Translation models, by name."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class RecipeResult:
    """Result of a recipe. Runs that differ in more than the seed are not averaged."""

    seeds: list[Seed]
    """Seeds of the averaged runs."""
    mean: Summaries = Field(default_factory=Summaries)
    """Mean of every number over the seeds."""
    deviation: Summaries = Field(default_factory=Summaries)
    """Standard deviation of every number over the seeds; empty for a single seed."""
    commits: list[Label] = Field(default_factory=list)
    """Commits of the averaged runs."""
    processors: list[Label] = Field(default_factory=list)
    """Processors of the averaged runs."""
    apart: dict[Label, list[Seed]] = Field(default_factory=dict)
    """Seeds of the other runs, by the facts in which they differ, such as `code, processor`."""
