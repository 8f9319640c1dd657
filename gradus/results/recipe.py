"""Types of the file metrics/recipes/NAME.json, which contains the result of a recipe over several seeds."""

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, Label, Name, Seed, Spread
from gradus.results.score import Context


@dataclass(frozen=True, kw_only=True, config=RESULT)
class ScoreSummary:
    """Numbers of a `Score`. Each is a mean or a standard deviation over the seeds."""

    # All numbers are optional: a recipe omits a number that is absent in one of its runs.
    zero_tokens: Spread | None = None
    """Number of tokens whose probability is zero."""
    mean_score_nats: Spread | None = None
    """Mean negative logarithm of the scores, in nats per token, for models whose scores are not probabilities."""
    nats_per_token: Spread | None = None
    """Cross-entropy in nats per token."""
    perplexity: Spread | None = None
    """Perplexity, which is e to the power of the cross-entropy in nats per token."""
    bits_per_char: Spread | None = None
    """Cross-entropy in bits per character."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LanguageModelSummary:
    """Numbers of a language model's result. Each is a mean or a standard deviation over the seeds."""

    test: dict[Context, ScoreSummary] = Field(default_factory=dict)
    """Score of the test text. The key is the context, `line` or `stream`."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class StrategySummary:
    """BLEU scores of one decoding strategy on the test text. Each is a mean or a standard deviation over the seeds."""

    bleu: Spread | None = None
    """Cased BLEU in points, 0 to 100."""
    bleu_lowercase: Spread | None = None
    """BLEU in points, 0 to 100, of translations and references in lower case."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TranslationSummary:
    """Numbers of a translation model's result. Each is a mean or a standard deviation over the seeds."""

    teacher_forced: ScoreSummary = Field(default_factory=ScoreSummary)
    """Score of the reference translations of the test text under the model."""
    strategies: dict[Name, StrategySummary] = Field(default_factory=dict)
    """BLEU scores of the translations with each decoding strategy."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Summaries:
    """Results of all models: means over the seeds (key `mean`), standard deviations over the seeds (key `deviation`),
    or numbers of one run (key `metrics` of a run).

    The file contains all numbers of the models' results under the same keys as in metrics/lm/NAME.json and
    metrics/mt/NAME.json. Only the numbers that gradus reads are documented here.
    """

    lm: dict[Name, LanguageModelSummary] = Field(default_factory=dict)
    """Summary of each language model."""
    mt: dict[Name, TranslationSummary] = Field(default_factory=dict)
    """Summary of each translation model."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class RecipeRun:
    """Run of a recipe with one seed."""

    seed: Seed
    """Value of the parameter `seed`."""
    metrics: Summaries = Field(default_factory=Summaries)
    """Results of all models."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class RecipeResult:
    """Result of a recipe that ran with several seeds.

    The result is averaged over the last run and over all runs that differ from the last run only in the seed. These
    runs are called the averaged runs.
    """

    seeds: list[Seed]
    """Seeds of the averaged runs."""
    mean: Summaries = Field(default_factory=Summaries)
    """Mean of every number over the averaged runs."""
    deviation: Summaries = Field(default_factory=Summaries)
    """Sample standard deviation (divisor n - 1) of every number over the n averaged runs; empty for a single run."""
    commits: list[Label] = Field(default_factory=list)
    """Git commits of the averaged runs."""
    processors: list[Label] = Field(default_factory=list)
    """Processor models of the averaged runs."""
    apart: dict[Label, list[Seed]] = Field(default_factory=dict)
    """Seeds of the runs that are not averaged. Each key names the facts in which such runs differ from the last run,
    for example `code, processor`."""
    runs: list[RecipeRun] = Field(default_factory=list)
    """All runs, averaged or not."""

    @property
    def averaged_runs(self) -> list[RecipeRun]:
        """Runs that are averaged. A seed that ran with several versions of the code is left out."""
        others = {seed for seeds in self.apart.values() for seed in seeds}
        return [run for run in self.runs if run.seed in self.seeds and run.seed not in others]
