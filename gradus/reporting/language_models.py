"""Make the tables of the language models: perplexities, and measurements of generated texts."""

from collections.abc import Sequence

from gradus.reporting.deviations import deviations_of, with_deviation
from gradus.reporting.results import Results
from gradus.reporting.table import MISSING, Marked, Table, number, percent
from gradus.results.language_model import (
    AdaptedResult,
    LanguageModelResult,
    MixtureResult,
    NaturalText,
    NetworkResult,
    NgramResult,
)
from gradus.results.recipe import LanguageModelSummary, ScoreSummary
from gradus.results.score import CONTEXTS, better_context, perplexity

ADAPTATIONS = {"cache": "cache", "dynamic": "dynamic evaluation"}
"""Dict from kind of an adaptation to its name in tables and plots."""
_LADDER = ("model", "perplexity, line", "perplexity, stream", "bits/character", "× floor", "size")


def floors(results: Results) -> dict[str, float]:
    """Return a dict from context (`line` or `stream`) to the perplexity of the test text under the true distribution.

    The dict is empty if the true distribution is unknown.
    """
    first = results.first_language_model
    values = {context: perplexity(first.floors.get(context)) for context in CONTEXTS} if first else {}
    return {context: value for context, value in values.items() if value is not None}


def perplexities(model: LanguageModelResult) -> dict[str, float | None]:
    """Return a dict from context to the test perplexity of a model; None if the model has no perplexity there."""
    return {context: perplexity(model.test.get(context)) for context in CONTEXTS}


def ladder_names(results: Results) -> dict[str, str]:
    """Return a dict from name of a row of the ladder to the name that tables and plots show.

    The name of a network that adapts to the test text contains the kind of adaptation, so that nobody takes its score
    for that of a static model.
    """
    return {name: name for name in results.language_models} | {
        name: f"{name} ({ADAPTATIONS.get(model.kind, model.kind)})" for name, model in results.adapted.items()
    }


def ladder_table(results: Results) -> Table:
    """Return the table of the scores of all language models on the test text."""
    first, floor = next(iter(results.language_models.values())), floors(results)
    deviations, names = deviations_of(results), ladder_names(results)
    rows = [
        [names[name], *_ladder_cells(model, floor, deviations.lm.get(name, LanguageModelSummary()))]
        for name, model in results.ladder.items()
    ]
    if floor:
        # Bits per character are those of the stream floor, because the stream floor is never above the line floor.
        stream = first.floors.get("stream")
        bits = number(stream.bits_per_char if stream else None, 3)
        perplexities = (number(floor.get(context)) for context in CONTEXTS)
        rows.append([Marked("*the source itself (floor)*"), *perplexities, bits, "1.00", ""])
    caption = _ladder_caption(results, bool(floor)) + deviations.note(deviations.lm)
    table = Table("ladder", caption, list(_LADDER), rows)
    return table if floor else table.without("× floor")


def _ladder_caption(results: Results, floor: bool) -> str:
    """Return the caption of the ladder; it explains only what this ladder shows."""
    models = results.ladder.values()
    first = next(iter(models))
    line = first.test.get("line")
    values = [list(perplexities(model).values()) for model in models]
    unscored = any(all(value is None for value in of) for of in values)
    explained = {
        f"Perplexity of each language model on the test text, which has {number(line.tokens if line else None, 0)} "
        f"tokens, including one end-of-sentence token per line. The tokenizer is of kind {first.tokenizer.kind} and "
        f"has {number(first.tokenizer.size, 0)} types.": True,
        "The scores of a smoother are those of its n-gram model of the highest order.": bool(results.smoothers),
        "Line: a model reads only the current line before it predicts a token. Stream: a model reads all earlier "
        "text.": True,
        "Bits/character is measured in the context with the lower perplexity.": not floor,
        "Bits/character and × floor are measured in the context with the lower perplexity. × floor: perplexity of the "
        "model divided by the perplexity of the true distribution that generated the text.": floor,
        "∞: some token has probability zero.": any(float("inf") in of for of in values),
        "Stupid back-off has no perplexity, because its scores are not probabilities.": unscored,
        "Size: number of weights of a network, or number of n-grams of all orders that an n-gram model stores.": True,
        "A mixture combines other models; its n-gram models read only the current line.": bool(results.mixtures),
        "A row with a cache or with dynamic evaluation is a network that learns from the test text: from each token, "
        "after its score.": bool(results.adapted),
    }
    return " ".join(text for text, needed in explained.items() if needed)


def _ladder_cells(model: LanguageModelResult, floor: dict[str, float], deviation: LanguageModelSummary) -> list[str]:
    """Return the row of one model, without its name.

    A model has one perplexity per context, `line` and `stream`. The cells `bits/character` and `× floor` are about
    the context whose perplexity is lower.
    """
    values = perplexities(model)
    best = better_context(model.test)
    value, bits = (values[best], model.test[best].bits_per_char) if best else (None, None)
    ratio = value / floor[best] if best in floor and value is not None else None
    cells = [
        with_deviation(number(values[context]), deviation.test.get(context, ScoreSummary()).perplexity, 2)
        for context in CONTEXTS
    ]
    return [*cells, number(bits, 3), number(ratio), _size(model)]


def _size(model: LanguageModelResult) -> str:
    match model:
        case NetworkResult():
            return f"{number(model.model.parameters, 0)} weights"
        case MixtureResult():
            return f"{len(model.model.models)} models"
        case AdaptedResult():
            return f"{number(model.model.parameters, 0)} weights ({model.model.network})"
        case NgramResult():
            return f"{number(model.model.entries, 0)} n-grams"


def generation_table(results: Results, strategies: Sequence[str]) -> Table:
    """Return the table of measurements of generated texts, with one row per model and decoding strategy."""
    rows = [
        [
            name,
            strategy,
            percent(text.repeated_4grams),
            percent(text.distinct_2),
            percent(text.grammatical_share),
            number(text.nats_per_token, 2),
        ]
        for name, model in results.language_models.items()
        for strategy in strategies
        if (text := model.generation.get(strategy)) is not None
    ]
    natural = _natural(results)
    shares = [percent(natural.repeated_4grams), percent(natural.distinct_2)]
    rows.append([Marked("*test text*"), MISSING, *shares, MISSING, MISSING])
    judged = any(row[4] != MISSING for row in rows)  # only the built-in corpus has a grammar
    grammatical = "Grammatical: complete lines that are sentences of the built-in corpus's grammar, divided by all "
    grammatical = f"{grammatical}complete lines. " if judged else ""
    table = Table(
        "generation",
        "Measurements of generated texts. All texts have the same number of tokens, because an end-of-sentence token "
        "does not end a text. Repeated 4-grams: 4-grams that occurred earlier in the same text, divided by all "
        "4-grams. Distinct bigrams: bigrams that occur in a text for the first time, divided by all bigrams. "
        f"{grammatical}Nats/token: negative log-probability of the texts under the model that "
        "generated them, divided by the number of tokens; the scores of stupid back-off are first normalised to "
        "probabilities. The last row shows the test text, cut into pieces as long as a generated text.",
        ["model", "strategy", "repeated 4-grams", "distinct bigrams", "grammatical", "nats/token"],
        rows,
    )
    return table if judged else table.without("grammatical")


def _natural(results: Results) -> NaturalText:
    return next(iter(results.language_models.values())).natural_text
