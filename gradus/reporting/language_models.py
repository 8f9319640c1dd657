"""Tables and plots of the language models: the ladder, the generated text."""

from collections.abc import Sequence
from pathlib import Path

from gradus.reporting.plots import dot_plot, share_plot
from gradus.reporting.results import CONTEXTS, Metrics, Results, better_context, get, perplexity
from gradus.reporting.table import MISSING, Marked, Table, number, percent


def floors(results: Results) -> dict[str, float]:
    """Return the perplexity of the source itself by context, empty for a text whose source is unknown."""
    first = next(iter(results.language_models.values()))
    found = {context: get(first, f"floors.{context}.perplexity") for context in CONTEXTS}
    return {context: value for context, value in found.items() if value is not None}


def ladder_table(results: Results) -> Table:
    """Return the same test text scored by every family."""
    floor = floors(results)
    rows = [_ladder_row(name, metrics, floor) for name, metrics in results.language_models.items()]
    first = next(iter(results.language_models.values()))
    if floor:
        bits = number(get(first, "floors.stream.bits_per_char"), 3)
        rows.append(
            [Marked("*the source itself (floor)*"), *(number(floor.get(c)) for c in CONTEXTS), bits, "1.00", ""]
        )
    return Table(
        "ladder",
        f"Perplexity on the {number(get(first, 'test.line.tokens'), 0)} tokens of the test text, one end-of-sentence "
        f"a line counted; tokenizer: {get(first, 'tokenizer.kind')}, {number(get(first, 'tokenizer.size'), 0)} types. "
        "n-grams are of the highest order. × floor: perplexity divided by the source's own, by the better context. "
        "∞: a token of the text had probability zero. Stupid back-off is no distribution.",
        ["model", "perplexity, line", "perplexity, stream", "bits/character", "× floor", "size"],
        rows,
    )


def _ladder_row(name: str, metrics: Metrics, floor: dict[str, float]) -> list[str]:
    """One model; the distance to the floor is that of the context it does best in."""
    scores = {context: perplexity(get(metrics, f"test.{context}")) for context in CONTEXTS}
    best = better_context(get(metrics, "test") or {})
    ratio = None
    if best in floor and (value := scores[best]) is not None:
        ratio = value / floor[best]
    bits = get(metrics, f"test.{best}.bits_per_char") if best else None
    return [name, *(number(scores[c]) for c in CONTEXTS), number(bits, 3), number(ratio), _size(metrics)]


def _size(metrics: Metrics) -> str:
    parameters, entries = get(metrics, "model.parameters"), get(metrics, "model.entries")
    return f"{number(parameters, 0)} weights" if parameters is not None else f"{number(entries, 0)} n-grams"


def generation_table(results: Results, strategies: Sequence[str]) -> Table:
    """Return what each model's text is like by decoding strategy."""
    rows = [
        [
            name,
            strategy,
            percent(get(text, "repeated_4grams")),
            percent(get(text, "distinct_2")),
            percent(get(text, "grammatical_share")),
            number(get(text, "nats_per_token"), 2),
        ]
        for name, metrics in results.language_models.items()
        for strategy in strategies
        if (text := get(metrics, f"generation.{strategy}")) is not None
    ]
    natural = get(next(iter(results.language_models.values())), "natural_text") or {}
    shares = [percent(get(natural, key)) for key in ("repeated_4grams", "distinct_2")]
    rows.append([Marked("*test text*"), MISSING, *shares, MISSING, MISSING])
    return Table(
        "generation",
        "Texts of a fixed number of tokens in which an end of sentence does not stop the model. Repeated: share of "
        "4-grams that stood earlier in the same text. Distinct: share of bigrams that did not. Grammatical: share of "
        "whole lines that the grammar of the built-in corpus can derive. Nats: the model's own surprise per token, "
        "stupid back-off's after its scores are normalised. "
        "The last row is the test text itself, cut to the same length.",
        ["model", "strategy", "repeated 4-grams", "distinct bigrams", "grammatical", "nats/token"],
        rows,
    )


def draw_language_models(results: Results, folder: Path, strategies: Sequence[str]) -> None:
    """Write the plots of the language models into a folder."""
    names = [name for name, metrics in results.language_models.items() if _finite(metrics)]
    scores = {
        context: [perplexity(get(results.language_models[name], f"test.{context}")) for name in names]
        for context in CONTEXTS
    }
    dot_plot(folder / "ladder.svg", names, scores, x="test perplexity", floors=floors(results))
    _draw_generation(results, folder, strategies)


def _finite(metrics: Metrics) -> bool:
    value = perplexity(get(metrics, "test.line"))
    return value is not None and value != float("inf")


def _draw_generation(results: Results, folder: Path, strategies: Sequence[str]) -> None:
    """Repetition by strategy; the test text itself is the measure of what is natural."""
    models = [name for name, metrics in results.language_models.items() if get(metrics, "generation") is not None]
    repeated = {
        strategy: [
            _percent(get(results.language_models[name], f"generation.{strategy}.repeated_4grams")) for name in models
        ]
        for strategy in strategies
    }
    natural = _percent(get(next(iter(results.language_models.values())), "natural_text.repeated_4grams"))
    share_plot(folder / "repetition.svg", models, repeated, x="repeated 4-grams, %", line=("test text", natural))


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
