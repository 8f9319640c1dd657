"""The plots' numbers as CSV, for `dvc plots`, which draws a revision beside another."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from gradus.reporting.ngrams import orders_of
from gradus.reporting.results import CONTEXTS, Results, get, headline_strategy, perplexity
from gradus.reporting.training import curve
from gradus.reporting.translation import source_lengths
from gradus.reporting.visible import visible


def write_series(results: Results, folder: Path, strategies: Sequence[str]) -> None:
    """Write every series in long form: one row per point, infinite and missing values left out."""
    _write(folder / "ladder.csv", ("model", "context", "perplexity"), _ladder(results))
    _write(folder / "orders.csv", ("model", "order", "perplexity"), _orders(results))
    _write(folder / "sparsity.csv", ("order", "entries", "bytes", "unseen_share"), _sparsity(results))
    _write(folder / "loss.csv", ("model", "step", "valid_nats_per_token"), _losses(results))
    _write(folder / "repetition.csv", ("model", "strategy", "repeated_4grams"), _repetition(results, strategies))
    _write(folder / "bleu_by_length.csv", ("model", "words", "bleu"), _bleu(results))


def _write(path: Path, columns: Sequence[str], rows: Iterable[tuple[*tuple[str | int, ...], float | None]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        finite = ((*key, value) for *key, value in rows if value is not None and value != float("inf"))
        table.writerows((*(visible(str(part)) for part in key), format(value, ".10g")) for *key, value in finite)


def _ladder(results: Results) -> Iterable[tuple[str, str, float | None]]:
    for name, metrics in results.language_models.items():
        for context in CONTEXTS:
            yield name, context, perplexity(get(metrics, f"test.{context}"))


def _orders(results: Results) -> Iterable[tuple[str, int, float | None]]:
    for name, metrics in results.smoothers.items():
        for order in sorted(get(metrics, "orders") or {}, key=int):
            yield name, int(order), perplexity(get(metrics, f"orders.{order}.test"))


def _sparsity(results: Results) -> Iterable[tuple[int, int, int, float | None]]:
    first = next(iter(results.smoothers.values()), {})
    for order in orders_of(results):
        measured = get(first, f"orders.{order}")
        yield int(order), measured["entries"], measured["bytes"], measured["unseen_share"]


def _losses(results: Results) -> Iterable[tuple[str, int, float | None]]:
    for track in ("lm", "mt"):
        for name, points in curve(results, track, "valid_nats_per_token").items():
            for step, nats in points:
                yield f"{track}/{name}", int(step), nats


def _repetition(results: Results, strategies: Sequence[str]) -> Iterable[tuple[str, str, float | None]]:
    for name, metrics in results.language_models.items():
        for strategy in strategies:
            yield name, strategy, get(metrics, f"generation.{strategy}.repeated_4grams")


def _bleu(results: Results) -> Iterable[tuple[str, str, float | None]]:
    for name, metrics in results.translators.items():
        for length in source_lengths(metrics):
            key = f"strategies.{headline_strategy(metrics)}.by_source_length.{length}.bleu"
            yield name, length, get(metrics, key)
