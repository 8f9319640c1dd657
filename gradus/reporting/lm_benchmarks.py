"""Make the tables of the benchmarks of language models: beside PyTorch's example, and beside the processor's speed."""

from collections.abc import Iterator
from pathlib import Path

from gradus.reporting.drawing.line_plots import Line, Scales, exact, line_plot
from gradus.reporting.drawing.looks import looks
from gradus.reporting.machine import describe
from gradus.reporting.table import MISSING, Table, number, percent
from gradus.results.files import read_result
from gradus.results.lm_benchmark import LMQualityResult, LMRatesResult, LMSpeedResult, ProgramRuns, Programs

SPEED, RATES, QUALITY = "lm_speed", "lm_rates", "lm_quality"


def lm_tables(folder: Path) -> Iterator[Table]:
    """Yield one table for each benchmark of language models whose result is in a folder.

    Raises:
        InputError: if the content of a file is wrong.
    """
    if (path := folder / f"{SPEED}.json").exists():
        yield speed_table(read_result(path, LMSpeedResult))
    if (path := folder / f"{RATES}.json").exists():
        yield rates_table(read_result(path, LMRatesResult))
    if quality := read_quality(folder):
        yield quality_table(quality)


def read_quality(folder: Path) -> LMQualityResult | None:
    """Read the perplexities by time; None if a folder does not have them.

    Raises:
        InputError: if the content of the file is wrong.
    """
    path = folder / f"{QUALITY}.json"
    return read_result(path, LMQualityResult) if path.exists() else None


def speed_table(result: LMSpeedResult) -> Table:
    """Return the table that compares gradus with PyTorch's example."""
    rows = [
        *_rows("one epoch, LSTM 2 x 200", result.epoch, result.epoch_tokens),
        *_rows(f"{result.step_tokens:,} tokens, LSTM 2 x 650", result.large_steps, result.step_tokens),
    ]
    caption = (
        "Training of the LSTM of PyTorch's example `word_language_model` (tied weights, dropout 0.2, 20 lanes, chunks "
        f"of 35 tokens, SGD) on the Penn Treebank, with {result.threads} threads on {describe(result.machine)}, with "
        "native kernels. The programs ran in turn; times are medians and memory is the maximum over the runs. The time "
        "of an epoch includes its validation. Ratio: how many times faster than the example."
    )
    columns = ["what", "program", "seconds", "tokens/s", "ratio", "peak memory, MiB", "validation perplexity"]
    return Table(SPEED, caption, columns, rows)


def _rows(what: str, programs: Programs, tokens: int) -> Iterator[list[str]]:
    peer = programs.peer
    names = {"gradus, float32": programs.float32, "gradus, bfloat16": programs.bfloat16, "example": peer}
    for name, runs in names.items():
        if runs is None:
            continue
        ratio = number(peer.median_seconds / runs.median_seconds, 2) if peer and runs is not peer else MISSING
        speed = number(tokens / runs.median_seconds, 0)
        seconds, memory = number(runs.median_seconds, 1), number(runs.peak_mib, 0)
        yield [what, name, seconds, speed, ratio, memory, _perplexity(runs)]


def _perplexity(runs: ProgramRuns) -> str:
    """Return the mean perplexity over the runs; gradus has the same one in each of them."""
    found = runs.valid_perplexity
    return number(sum(found) / len(found), 1) if found else MISSING


def rates_table(result: LMRatesResult) -> Table:
    """Return the table of operations per second, beside the speed of a product of two large matrices."""
    rows = [
        [
            rate.kind,
            rate.precision,
            number(rate.tokens_per_second, 0),
            number(rate.gflop_per_second, 0),
            percent(rate.gflop_per_second / result.product_gflop_per_second[rate.precision]),
        ]
        for rate in result.networks
    ]
    products = ", ".join(f"{number(rate, 0)} in {name}" for name, rate in result.product_gflop_per_second.items())
    caption = (
        "Speed of the training of networks with two layers of width 200 and 10,002 types (20 lanes, chunks of 35 "
        f"tokens), with {result.threads} threads on {describe(result.machine)}, with native kernels. Operations: those "
        "of matrix products, 10^9 per second; a token takes six per weight that it is multiplied with. Share: of the "
        f"speed of a product of two matrices of 2048 x 2048 ({products})."
    )
    return Table(RATES, caption, ["network", "precision", "tokens/s", "operations", "share"], rows)


def quality_table(result: LMQualityResult) -> Table:
    """Return the table of validation perplexities at the times at which the example ends its epochs."""
    rows = []
    for point in result.example or result.gradus:
        reached = [ours.valid_perplexity for ours in result.gradus if ours.seconds <= point.seconds]
        ours, theirs = min(reached, default=None), point.valid_perplexity if result.example else None
        lower = percent(1 - ours / theirs) if ours and theirs else MISSING
        rows.append([number(point.seconds, 0), number(theirs, 1), number(ours, 1), lower])
    caption = (
        "Validation perplexity on the Penn Treebank by the time since the start of the process, with "
        f"{result.threads} threads on {describe(result.machine)}. Each program ran once. Example: "
        "PyTorch's `word_language_model`, LSTM of 2 x 200, tied weights. gradus: one LSTM layer of 320, tied weights, "
        "Muon, cosine schedule, bfloat16."
    )
    return Table(QUALITY, caption, ["seconds", "example", "gradus", "lower by"], rows)


def draw_quality(result: LMQualityResult, path: Path) -> None:
    """Draw the validation perplexities of both programs by time."""
    curves = {"gradus": result.gradus, "PyTorch's example": result.example or []}
    names = [name for name, points in curves.items() if points]
    found = looks(names)
    lines = [
        Line(name, found[name], exact([(point.seconds, point.valid_perplexity) for point in curves[name]]))
        for name in names
    ]
    line_plot(path, lines, Scales("seconds since the start of the process", "validation perplexity", log_y=True))
