"""The recipes' table: what came out on other corpora and over several seeds, mean and deviation."""

from collections.abc import Iterator, Mapping

from gradus.reporting.results import Metrics, better_context, get, headline_strategy
from gradus.reporting.table import MISSING, Table, number

_CAPTION = (
    "Test text. Tokens are those of the recipe's own tokenizer (experiments/), so only bits per character compare "
    "across recipes; a dash stands where unknown pieces hide characters. How: a language model's better context, "
    "a translation model's decoding. BLEU: sacreBLEU, 13a. ±: standard deviation over seeds."
)
_MIXED = (
    " Commits: with the same code for these stages. Processors: with the same numerics on each. Apart: runs of other "
    "code, parameters, versions or processors, which are not averaged."
)


def recipes_table(recipes: Mapping[str, Metrics]) -> Table:
    """Return one row per recipe and model, by its better context or its headline strategy.

    Args:
        recipes: the content of `metrics/recipes/NAME.json` by name.
    """
    seeds = {recipe: _seeds(content) for recipe, content in recipes.items()}
    rows = [
        [recipe, model, *numbers, seeds[recipe]]
        for recipe, content in recipes.items()
        for track, scores in (("lm", _language_model), ("mt", _translation))
        for model, metrics in (get(content, f"mean.{track}") or {}).items()
        for numbers in scores(metrics, get(content, f"deviation.{track}.{model}") or {})
    ]
    return Table(
        "recipes",
        _CAPTION + (_MIXED if any(not cell.isdigit() for cell in seeds.values()) else ""),
        [
            "recipe",
            "model",
            "how",
            "perplexity",
            "nats/token",
            "bits/character",
            "BLEU, cased",
            "BLEU, lower case",
            "seeds",
        ],
        rows,
    )


def _seeds(content: Metrics) -> str:
    """Return the number of seeds, and what is mixed in the recipe's file."""
    notes = [f"{len(found)} {what}" for what in ("commits", "processors") if len(found := content.get(what, ())) > 1]
    others = sum(map(len, content.get("apart", {}).values()))
    return "; ".join([str(len(content["seeds"])), *notes, *([f"{others} apart"] if others else [])])


def _language_model(mean: Metrics, deviation: Metrics) -> Iterator[list[str]]:
    """Yield the numbers of a language model; none for one that has no perplexity."""
    best = better_context(get(mean, "test") or {})
    if get(mean, f"test.{best}.perplexity") is not None:
        columns = (("perplexity", 2), ("nats_per_token", 3), ("bits_per_char", 3))
        keys = ((f"test.{best}.{name}", digits) for name, digits in columns)
        yield [str(best), *(_spread(mean, deviation, key, digits) for key, digits in keys), MISSING, MISSING]


def _translation(mean: Metrics, deviation: Metrics) -> Iterator[list[str]]:
    """Yield the numbers of a translation model."""
    strategy = headline_strategy(mean)
    keys = (("teacher_forced.perplexity", 2), ("teacher_forced.nats_per_token", 3))
    scores = ((f"strategies.{strategy}.bleu", 1), (f"strategies.{strategy}.bleu_lowercase", 1))
    teacher_forced = [_spread(mean, deviation, key, digits) for key, digits in keys]
    yield [strategy, *teacher_forced, MISSING, *(_spread(mean, deviation, key, digits) for key, digits in scores)]


def _spread(mean: Metrics, deviation: Metrics, key: str, digits: int) -> str:
    spread = get(deviation, key)
    return number(get(mean, key), digits) + (f" ± {number(spread, digits)}" if spread is not None else "")
