"""Tables and plots of the translation models: BLEU, BLEU by source length, attention."""

from collections.abc import Sequence
from pathlib import Path

from gradus.reporting.plots import attention_plot, line_plot
from gradus.reporting.results import Metrics, Results, get, headline_strategy
from gradus.reporting.table import Table, number, percent


def translation_table(results: Results, strategies: Sequence[str]) -> Table:
    """Return the scores of every model and strategy on the test text."""
    first = next(iter(results.translators.values()))
    lengths = source_lengths(first)
    rows = [
        _translation_row(name, strategy, metrics, lengths)
        for name, metrics in results.translators.items()
        for strategy in strategies
        if get(metrics, f"strategies.{strategy}") is not None
    ]
    return Table(
        "translation",
        f"Test text; BLEU is {_signature(first)}. By words of the source; exact: share of sentences equal to the "
        "reference; teacher-forced perplexity reads the reference's own prefix.",
        ["model", "decoding", "BLEU", "chrF", *(f"BLEU {length}" for length in lengths), "exact", "perplexity"],
        rows,
    )


def _translation_row(name: str, strategy: str, metrics: Metrics, lengths: Sequence[str]) -> list[str]:
    scores = get(metrics, f"strategies.{strategy}")
    by_length = [get(scores, f"by_source_length.{length}.bleu") for length in lengths]
    return [
        name,
        strategy,
        number(get(scores, "bleu"), 1),
        number(get(scores, "chrf"), 1),
        *(number(bleu, 1) for bleu in by_length),
        percent(get(scores, "exact_match")),
        number(get(metrics, "teacher_forced.perplexity")),
    ]


def _signature(metrics: Metrics) -> str:
    strategy = next(iter(metrics["strategies"].values()))
    return f"`{get(strategy, 'bleu_signature')}`"


def source_lengths(metrics: Metrics) -> list[str]:
    """Return the groups of source lengths, in words, that a model's translations were measured by, shortest first."""
    return list(get(metrics, f"strategies.{headline_strategy(metrics)}.by_source_length") or {})


def draw_translation(results: Results, folder: Path) -> None:
    """Write BLEU by source length, one line per model, and one attention picture per model that has it."""
    series = {}
    ticks = source_lengths(next(iter(results.translators.values())))
    for name, metrics in results.translators.items():
        lengths = get(metrics, f"strategies.{headline_strategy(metrics)}.by_source_length") or {}
        points = [(i, get(lengths, f"{length}.bleu")) for i, length in enumerate(ticks)]
        series[name] = [(i, bleu) for i, bleu in points if bleu is not None]
    line_plot(folder / "bleu_by_length.svg", series, x="words in the source sentence", y="BLEU", ticks=ticks)
    for name in results.translators:
        for number_, picture in enumerate((get(results.details[f"mt/{name}"], "attention") or [])[:1]):
            attention_plot(
                folder / f"attention_{name}_{number_ + 1}.svg", picture["src"], picture["tgt"], picture["weights"]
            )
