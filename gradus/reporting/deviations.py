"""Find out how much the scores that the report shows vary over the seeds."""

from collections.abc import Mapping
from dataclasses import dataclass

from gradus.reporting.results import Results
from gradus.reporting.table import number
from gradus.results.language_model import LanguageModelResult
from gradus.results.recipe import LanguageModelSummary, RecipeResult, TranslationSummary
from gradus.results.translation import TranslationResult

RECIPE = "seeds"
"""Recipe that trains the models of params.yaml with several seeds."""


@dataclass(frozen=True)
class Deviations:
    """Standard deviations over the seeds. Models without a known deviation are missing."""

    seeds: int
    """Number of seeds."""
    lm: Mapping[str, LanguageModelSummary]
    """Dict from name of a language model to its deviations."""
    mt: Mapping[str, TranslationSummary]
    """Dict from name of a translation model to its deviations."""

    def note(self, models: Mapping[str, object]) -> str:
        """Return the sentences that explain the deviations in a table; empty if the table has none.

        Args:
            models: models of the table by name, one of `lm` and `mt`.
        """
        if not models:
            return ""
        return (
            f" ±: sample standard deviation over the {self.seeds} seeds of the recipe {RECIPE}; the number before it "
            "is that of this run, which is one of them."
        )


def deviations_of(results: Results) -> Deviations:
    """Return the deviations of all models that the recipe `seeds` trained with the same code and parameters.

    These are the models whose scores in one of the recipe's averaged runs are equal to the scores that the report
    shows, digit for digit.
    """
    recipe = results.recipes.get(RECIPE)
    if recipe is None:
        return Deviations(0, {}, {})
    lm = {
        name: recipe.deviation.lm[name]
        for name, model in results.ladder.items()
        if name in recipe.deviation.lm and _has_language_model(recipe, name, model)
    }
    mt = {
        name: recipe.deviation.mt[name]
        for name, translator in results.translators.items()
        if name in recipe.deviation.mt and _has_translator(recipe, name, translator)
    }
    return Deviations(len(recipe.seeds), lm, mt)


def with_deviation(value: str, deviation: float | None, digits: int) -> str:
    """Append `± deviation` to a formatted number, unless the deviation is unknown."""
    return value if deviation is None else f"{value} ± {number(deviation, digits)}"


def _has_language_model(recipe: RecipeResult, name: str, model: LanguageModelResult) -> bool:
    """Return whether an averaged run has the same cross-entropies of the test text."""
    shown = {context: (score.perplexity, score.nats_per_token) for context, score in model.test.items()}
    return any(
        shown
        == {context: (score.perplexity, score.nats_per_token) for context, score in run.metrics.lm[name].test.items()}
        for run in recipe.averaged_runs
        if name in run.metrics.lm
    )


def _has_translator(recipe: RecipeResult, name: str, model: TranslationResult) -> bool:
    """Return whether an averaged run has the same perplexity and the same BLEU scores."""
    shown = model.teacher_forced.perplexity, {key: scores.bleu for key, scores in model.strategies.items()}
    runs = [run.metrics.mt[name] for run in recipe.averaged_runs if name in run.metrics.mt]
    return shown in [(run.teacher_forced.perplexity, {k: s.bleu for k, s in run.strategies.items()}) for run in runs]
