"""Table and plots of the translation models: BLEU, BLEU by source length, attention."""

from collections.abc import Sequence
from pathlib import Path

from gradus.reporting.plots import attention_plot, line_plot
from gradus.reporting.results import Results
from gradus.reporting.table import Table, number, percent
from gradus.results.translation import StrategyScores, TranslationResult


def translation_table(results: Results, strategies: Sequence[str]) -> Table:
    """Return the scores of every model and strategy on the test text."""
    first = next(iter(results.translators.values()))
    lengths = source_lengths(first)
    rows = [
        [name, strategy, *_cells(model.strategies[strategy], lengths), number(model.teacher_forced.perplexity)]
        for name, model in results.translators.items()
        for strategy in strategies
        if strategy in model.strategies
    ]
    signature = next(iter(first.strategies.values())).bleu_signature
    return Table(
        "translation",
        f"Scores on the test text. BLEU: `{signature}`. BLEU 1-10 and so on: BLEU of the sources with that many words. "
        "Exact: share of translations that equal their reference. Perplexity: teacher-forced, so the model reads the "
        "reference's own prefix.",
        ["model", "decoding", "BLEU", "chrF", *(f"BLEU {length}" for length in lengths), "exact", "perplexity"],
        rows,
    )


def _cells(scores: StrategyScores, lengths: Sequence[str]) -> list[str]:
    by_length = [bleu_at(scores, length) for length in lengths]
    return [
        number(scores.bleu, 1),
        number(scores.chrf, 1),
        *(number(bleu, 1) for bleu in by_length),
        percent(scores.exact_match),
    ]


def source_lengths(model: TranslationResult) -> list[str]:
    """Return the ranges of source lengths, in words, shortest first."""
    return list(model.headline.by_source_length)


def bleu_at(scores: StrategyScores, length: str) -> float | None:
    """Return BLEU of the sources in one range of lengths; None if it was not computed."""
    group = scores.by_source_length.get(length)
    return None if group is None else group.bleu


def draw_translation(results: Results, folder: Path) -> None:
    """Write BLEU by source length, one line per model, and one attention plot per model with attention."""
    ticks = source_lengths(next(iter(results.translators.values())))
    series = {}
    for name, model in results.translators.items():
        points = [(i, bleu_at(model.headline, length)) for i, length in enumerate(ticks)]
        series[name] = [(i, bleu) for i, bleu in points if bleu is not None]
    line_plot(folder / "bleu_by_length.svg", series, x="words in the source sentence", y="BLEU", ticks=ticks)
    for name, details in results.mt_details.items():
        for attention in details.attention[:1]:
            attention_plot(folder / f"attention_{name}_1.svg", attention.src, attention.tgt, attention.weights)
