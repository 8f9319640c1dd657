"""Make the table of the recipes: mean and standard deviation of the results over several seeds."""

from collections.abc import Iterator, Mapping

from gradus.reporting.table import MISSING, Table, number
from gradus.results.recipe import LanguageModelSummary, RecipeResult, ScoreSummary, StrategySummary, TranslationSummary
from gradus.results.score import CONTEXTS, Context
from gradus.results.translation import headline_strategy

_MIXED = (
    " Commits: the averaged runs are from several Git commits, but the code for the results is the same in all of "
    "them. Processors: the averaged runs used several processors, which compute the same numbers. Apart: runs with "
    "other code, parameters, versions or processors are not averaged."
)
_COLUMNS = (
    "recipe", "model", "how", "perplexity", "nats/token", "bits/character", "BLEU, cased", "BLEU, lower case", "seeds",
)  # fmt: skip


def recipes_table(recipes: Mapping[str, RecipeResult]) -> Table:
    """Return the table of the recipes, with one row per recipe and model.

    The row of a language model shows the context (`line` or `stream`) with the lower perplexity. The row of a
    translation model shows the decoding strategy that `headline_strategy` selects.

    Args:
        recipes: dict from name of the recipe to its result.
    """
    seeds = {name: _seeds(recipe) for name, recipe in recipes.items()}
    rows = [[name, *row, seeds[name]] for name, recipe in recipes.items() for row in _rows(recipe)]
    # The notes explain cells such as `3; 2 commits`, so they appear only with such a cell.
    mixed = any(not cell.isdigit() for cell in seeds.values())
    table = Table("recipes", _caption(recipes) + _MIXED * mixed, list(_COLUMNS), rows)
    translated = any(recipe.mean.mt for recipe in recipes.values())
    return table if translated else table.without("BLEU, cased").without("BLEU, lower case")


def _caption(recipes: Mapping[str, RecipeResult]) -> str:
    """Return the caption of the table; it explains only the kinds of models in the table."""
    lm, mt = (any(getattr(recipe.mean, track) for recipe in recipes.values()) for track in ("lm", "mt"))
    how = ["for a language model, the context (line or stream) in which its perplexity is lower"] * lm
    how += ["for a translation model, the decoding strategy"] * mt
    dashes = ["for translation models"] * mt
    dashes += ["for a text with unknown words, because the characters of these words cannot be counted"]
    explained = {
        "Mean scores on the test text over all seeds; the number after ± is the sample standard deviation.": True,
        f"How: {'; '.join(how)}.": True,
        "Perplexity and nats/token of a translation model are those of the reference translations. BLEU is computed by "
        "sacreBLEU with tokenizer 13a.": mt,
        "Each recipe has its own tokenizer (see experiments/), so perplexity and nats/token of different recipes are "
        "not comparable.": len(recipes) > 1,
        f"Bits/character is a dash {', and '.join(dashes)}.": True,
    }
    return " ".join(text for text, needed in explained.items() if needed)


def _seeds(recipe: RecipeResult) -> str:
    """Return the cell `seeds`: the number of averaged seeds, and notes on runs that differ in more than the seed.

    Example: `3; 2 commits; 1 apart` means that 3 seeds are averaged, that their runs are from 2 commits, and that 1
    other run is not averaged.
    """
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
    """Return the cells of a language model's row; None if the model has no perplexity."""
    best = _better_context(mean)
    if best is None or mean.test[best].perplexity is None:
        return None
    score, spread = mean.test[best], deviation.test.get(best, ScoreSummary())
    cells = _cross_entropy(score, spread)
    return [best, *cells, _spread(score.bits_per_char, spread.bits_per_char, 3), MISSING, MISSING]


def _better_context(mean: LanguageModelSummary) -> Context | None:
    """Return the context (`line` or `stream`) with the lower mean perplexity.

    The perplexity is infinite if a token has probability zero in any run.
    """
    values = {
        context: float("inf") if score.zero_tokens else score.perplexity
        for context in CONTEXTS
        if (score := mean.test.get(context)) is not None
    }
    known = {context: value for context, value in values.items() if value is not None}
    return min(known, key=known.__getitem__, default=None)


def _translation(mean: TranslationSummary, deviation: TranslationSummary) -> list[str]:
    """Return the cells of a translation model's row."""
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
