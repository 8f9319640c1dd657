"""Table of the recipes: results on other corpora and over several seeds, mean and deviation."""

from collections.abc import Iterator, Mapping

from gradus.reporting.table import MISSING, Table, number
from gradus.results.recipe import LanguageModelSummary, RecipeResult, ScoreSummary, StrategySummary, TranslationSummary
from gradus.results.score import CONTEXTS, Context
from gradus.results.translation import headline_strategy

_CAPTION = (
    "Scores on the test text. Each recipe has its own tokenizer (see experiments/), so only bits per character can be "
    "compared between recipes; a dash means that the text has unknown words, whose characters cannot be counted. How: "
    "the better context of a language model, the decoding of a translation model. BLEU: sacreBLEU, 13a. ±: standard "
    "deviation over seeds."
)
_MIXED = (
    " Commits: all have the same code for these stages. Processors: all compute with the same numerics. Apart: runs "
    "with other code, parameters, versions or processors, which are not averaged."
)


def recipes_table(recipes: Mapping[str, RecipeResult]) -> Table:
    """Return one row per recipe and model, with its better context or its headline strategy.

    Args:
        recipes: results by the name of the recipe.
    """
    seeds = {name: _seeds(recipe) for name, recipe in recipes.items()}
    rows = [[name, *row, seeds[name]] for name, recipe in recipes.items() for row in _rows(recipe)]
    columns = ["recipe", "model", "how", "perplexity", "nats/token", "bits/character", "BLEU, cased"]
    columns += ["BLEU, lower case", "seeds"]
    mixed = any(not cell.isdigit() for cell in seeds.values())
    return Table("recipes", _CAPTION + _MIXED * mixed, columns, rows)


def _seeds(recipe: RecipeResult) -> str:
    """Return the number of seeds, and the numbers of other things in which the runs differ."""
    named = {"commits": recipe.commits, "processors": recipe.processors}
    notes = [f"{len(values)} {what}" for what, values in named.items() if len(values) > 1]
    others = sum(map(len, recipe.apart.values()))
    return "; ".join([str(len(recipe.seeds)), *notes, *([f"{others} apart"] if others else [])])


def _rows(recipe: RecipeResult) -> Iterator[list[str]]:
    for name, mean in recipe.mean.lm.items():
        deviation = recipe.deviation.lm.get(name, LanguageModelSummary())
        if cells := _language_model(mean, deviation):
            yield [name, *cells]
    for name, translation in recipe.mean.mt.items():
        if translation.strategies:
            yield [name, *_translation(translation, recipe.deviation.mt.get(name, TranslationSummary()))]


def _language_model(mean: LanguageModelSummary, deviation: LanguageModelSummary) -> list[str] | None:
    """Return the cells of a language model; None if it has no perplexity."""
    best = _better_context(mean)
    if best is None or mean.test[best].perplexity is None:
        return None
    score, spread = mean.test[best], deviation.test.get(best, ScoreSummary())
    cells = _cross_entropy(score, spread)
    return [best, *cells, _spread(score.bits_per_char, spread.bits_per_char, 3), MISSING, MISSING]


def _better_context(mean: LanguageModelSummary) -> Context | None:
    """Return the context with the lower mean perplexity; a mean of zero tokens above zero counts as infinite."""
    values = {
        context: float("inf") if score.zero_tokens else score.perplexity
        for context in CONTEXTS
        if (score := mean.test.get(context)) is not None
    }
    known = {context: value for context, value in values.items() if value is not None}
    return min(known, key=known.__getitem__, default=None)


def _translation(mean: TranslationSummary, deviation: TranslationSummary) -> list[str]:
    """Return the cells of a translation model."""
    strategy = headline_strategy(mean.strategies)
    score, spread = mean.strategies[strategy], deviation.strategies.get(strategy, StrategySummary())
    bleu = _spread(score.bleu, spread.bleu, 1), _spread(score.bleu_lowercase, spread.bleu_lowercase, 1)
    return [strategy, *_cross_entropy(mean.teacher_forced, deviation.teacher_forced), MISSING, *bleu]


def _cross_entropy(score: ScoreSummary, spread: ScoreSummary) -> list[str]:
    return [
        _spread(score.perplexity, spread.perplexity, 2),
        _spread(score.nats_per_token, spread.nats_per_token, 3),
    ]


def _spread(mean: float | None, deviation: float | None, digits: int) -> str:
    return number(mean, digits) + (f" ± {number(deviation, digits)}" if deviation is not None else "")
