"""Write the numbers of the plots as CSV files, so that `dvc plots` can draw them and compare revisions."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from gradus.reporting.drawing.csv_text import csv_text
from gradus.reporting.language_models import ladder_names
from gradus.reporting.ngrams import orders_of
from gradus.reporting.results import Results
from gradus.reporting.training import histories, losses
from gradus.reporting.translation import bleu_at, source_lengths
from gradus.results.score import CONTEXTS, perplexity


def write_series(results: Results, folder: Path, strategies: Sequence[str]) -> None:
    """Write one CSV file per plot, with one row per point. Infinite and missing values are left out."""
    _write(folder / "ladder.csv", ("model", "context", "perplexity"), _ladder(results))
    _write(folder / "orders.csv", ("model", "order", "perplexity"), _orders(results))
    _write(folder / "sparsity.csv", ("order", "entries", "bytes", "unseen_share"), _sparsity(results))
    _write(folder / "loss.csv", ("model", "step", "valid_nats_per_token"), _losses(results))
    _write(folder / "repetition.csv", ("model", "strategy", "repeated_4grams"), _repetition(results, strategies))
    _write(folder / "bleu_by_length.csv", ("model", "words", "bleu"), _bleu(results))


def _write(path: Path, columns: Sequence[str], rows: Iterable[tuple[*tuple[str | int, ...], float | None]]) -> None:
    finite = (row for row in rows if row[-1] is not None and row[-1] != float("inf"))
    path.write_text(csv_text(columns, finite), encoding="utf-8", newline="")


def _ladder(results: Results) -> Iterable[tuple[str, str, float | None]]:
    names = ladder_names(results)
    for name, model in results.ladder.items():
        for context in CONTEXTS:
            yield names[name], context, perplexity(model.test.get(context))


def _orders(results: Results) -> Iterable[tuple[str, int, float | None]]:
    for name, smoother in results.smoothers.items():
        for order in sorted(smoother.orders, key=int):
            yield name, int(order), perplexity(smoother.orders[order].test)


def _sparsity(results: Results) -> Iterable[tuple[int, int, int, float | None]]:
    for order in orders_of(results):
        model = next(iter(results.smoothers.values())).orders[order]
        yield int(order), model.entries, model.bytes, model.unseen_share


def _losses(results: Results) -> Iterable[tuple[str, int, float | None]]:
    for track, runs in histories(results).items():
        for name, points in losses(runs).items():
            for step, nats in points:
                yield f"{track}/{name}", int(step), nats


def _repetition(results: Results, strategies: Sequence[str]) -> Iterable[tuple[str, str, float | None]]:
    for name, model in results.language_models.items():
        for strategy in strategies:
            text = model.generation.get(strategy)
            yield name, strategy, None if text is None else text.repeated_4grams


def _bleu(results: Results) -> Iterable[tuple[str, str, float | None]]:
    for name, model in results.translators.items():
        for length in source_lengths(model):
            yield name, length, bleu_at(model.headline, length)
