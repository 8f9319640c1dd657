"""Make the table of the translation models."""

from collections.abc import Sequence

from gradus.reporting.deviations import deviations_of, with_deviation
from gradus.reporting.results import Results
from gradus.reporting.table import Table, number, percent
from gradus.results.recipe import StrategySummary, TranslationSummary
from gradus.results.translation import StrategyScores, TranslationResult


def translation_table(results: Results, strategies: Sequence[str]) -> Table:
    """Return the table of scores on the test text, with one row per translation model and decoding strategy."""
    first = next(iter(results.translators.values()))
    # All models have the same test text and therefore the same ranges of lengths.
    lengths = source_lengths(first)
    deviations = deviations_of(results)
    rows = [
        [name, strategy, *_cells(model, strategy, lengths, deviations.mt.get(name, TranslationSummary()))]
        for name, model in results.translators.items()
        for strategy in strategies
        if strategy in model.strategies
    ]
    signature = next(iter(first.strategies.values())).bleu_signature
    return Table(
        "translation",
        f"Scores of the translations of the test text. BLEU has the sacreBLEU signature `{signature}`. BLEU 1-10 is "
        "BLEU of the sentences whose source has 1 to 10 words; the other ranges are written in the same way. Exact: "
        "translations that are identical to their reference, divided by all translations. Perplexity: perplexity of "
        "the references; to predict a token, the model reads the source and the earlier tokens of the reference."
        f"{deviations.note(deviations.mt)}",
        ["model", "decoding", "BLEU", "chrF", *(f"BLEU {length}" for length in lengths), "exact", "perplexity"],
        rows,
    )


def _cells(model: TranslationResult, strategy: str, lengths: Sequence[str], spread: TranslationSummary) -> list[str]:
    scores = model.strategies[strategy]
    by_length = [bleu_at(scores, length) for length in lengths]
    return [
        with_deviation(number(scores.bleu, 1), spread.strategies.get(strategy, StrategySummary()).bleu, 1),
        number(scores.chrf, 1),
        *(number(bleu, 1) for bleu in by_length),
        percent(scores.exact_match),
        with_deviation(number(model.teacher_forced.perplexity), spread.teacher_forced.perplexity, 2),
    ]


def source_lengths(model: TranslationResult) -> list[str]:
    """Return the ranges of source lengths, in words, in ascending order."""
    return list(model.headline.by_source_length)


def bleu_at(scores: StrategyScores, length: str) -> float | None:
    """Return BLEU of the sentences in one range of source lengths; None if the result has no BLEU for this range."""
    group = scores.by_source_length.get(length)
    return None if group is None else group.bleu
