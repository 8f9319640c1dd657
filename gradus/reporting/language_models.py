"""Tables and plots of the language models: perplexity of all models, and the generated texts."""

from collections.abc import Sequence
from pathlib import Path

from gradus.reporting.plots import dot_plot, share_plot
from gradus.reporting.results import Results
from gradus.reporting.table import MISSING, Marked, Table, number, percent
from gradus.results.language_model import LanguageModelResult, NaturalText, NetworkResult
from gradus.results.score import CONTEXTS, better_context, perplexity


def floors(results: Results) -> dict[str, float]:
    """Return the perplexity of the test text under its own source, by context; empty if the source is unknown."""
    first = results.first_language_model
    values = {context: perplexity(first.floors.get(context)) for context in CONTEXTS} if first else {}
    return {context: value for context, value in values.items() if value is not None}


def ladder_table(results: Results) -> Table:
    """Return the scores of all language models on the same test text."""
    first, floor = next(iter(results.language_models.values())), floors(results)
    rows = [_ladder_row(name, model, floor) for name, model in results.language_models.items()]
    if floor:
        stream = first.floors.get("stream")
        bits = number(stream.bits_per_char if stream else None, 3)
        perplexities = (number(floor.get(context)) for context in CONTEXTS)
        rows.append([Marked("*the source itself (floor)*"), *perplexities, bits, "1.00", ""])
    line = first.test.get("line")
    return Table(
        "ladder",
        f"Perplexity of the test text, {number(line.tokens if line else None, 0)} tokens with one end of sentence per "
        f"line; tokenizer: {first.tokenizer.kind}, {number(first.tokenizer.size, 0)} types. n-gram models have the "
        "highest order. × floor: perplexity divided by that of the text's own source, in the model's better context. "
        "∞: a token has probability zero. Stupid back-off has no perplexity: its scores are not probabilities.",
        ["model", "perplexity, line", "perplexity, stream", "bits/character", "× floor", "size"],
        rows,
    )


def _ladder_row(name: str, model: LanguageModelResult, floor: dict[str, float]) -> list[str]:
    """Return the row of one model; bits and distance to the floor are those of its better context."""
    values = {context: perplexity(model.test.get(context)) for context in CONTEXTS}
    best = better_context(model.test)
    value, bits = (values[best], model.test[best].bits_per_char) if best else (None, None)
    ratio = value / floor[best] if best in floor and value is not None else None
    return [name, *(number(values[context]) for context in CONTEXTS), number(bits, 3), number(ratio), _size(model)]


def _size(model: LanguageModelResult) -> str:
    if isinstance(model, NetworkResult):
        return f"{number(model.model.parameters, 0)} weights"
    return f"{number(model.model.entries, 0)} n-grams"


def generation_table(results: Results, strategies: Sequence[str]) -> Table:
    """Return the measures of each model's texts, by decoding strategy."""
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
    return Table(
        "generation",
        "Generated texts have a fixed number of tokens; an end of sentence does not stop the model. Repeated: share of "
        "4-grams that occurred earlier in the same text. Distinct: share of bigrams that did not. Grammatical: share "
        "of complete lines that the grammar of the built-in corpus derives. Nats: the model's own negative "
        "log-probability per token; scores of stupid back-off are normalised first. The last row is the test text, in "
        "pieces of the same length.",
        ["model", "strategy", "repeated 4-grams", "distinct bigrams", "grammatical", "nats/token"],
        rows,
    )


def _natural(results: Results) -> NaturalText:
    return next(iter(results.language_models.values())).natural_text


def draw_language_models(results: Results, folder: Path, strategies: Sequence[str]) -> None:
    """Write the plots of the language models into a folder."""
    models = {name: model for name, model in results.language_models.items() if _is_finite(model)}
    values: dict[str, list[float | None]] = {
        context: [perplexity(model.test.get(context)) for model in models.values()] for context in CONTEXTS
    }
    dot_plot(folder / "ladder.svg", list(models), values, x="test perplexity", floors=floors(results))
    _draw_repetition(results, folder, strategies)


def _is_finite(model: LanguageModelResult) -> bool:
    value = perplexity(model.test.get("line"))
    return value is not None and value != float("inf")


def _draw_repetition(results: Results, folder: Path, strategies: Sequence[str]) -> None:
    """Draw the share of repeated 4-grams by strategy, with a line at the share of the test text."""
    models = results.language_models
    generations = {strategy: [model.generation.get(strategy) for model in models.values()] for strategy in strategies}
    repeated = {
        strategy: [None if text is None else 100 * text.repeated_4grams for text in texts]
        for strategy, texts in generations.items()
    }
    share = _natural(results).repeated_4grams
    line = ("test text", None if share is None else 100 * share)
    share_plot(folder / "repetition.svg", list(models), repeated, x="repeated 4-grams, %", line=line)
