"""Make the tables of the benchmarks from the committed result files.

The tables of n-grams compare gradus with KenLM, show how the cost of a build grows with the text, and show how long it
takes to open a model. `gradus.reporting.training_benchmarks` makes the tables about training.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from gradus.names import require_name
from gradus.reporting.lm_benchmarks import lm_tables
from gradus.reporting.machine import describe
from gradus.reporting.table import MISSING, Table, number
from gradus.reporting.training_benchmarks import training_tables
from gradus.results.benchmark import GrowthResult, OpeningResult, Speed, SpeedResult
from gradus.results.files import read_result

GROWTH, OPENING = "ngram_growth", "ngram_opening"


def benchmark_tables(folder: Path) -> dict[str, Table]:
    """Return a dict from table name to table, with one table for each kind of benchmark whose results are in a folder.

    Raises:
        InputError: if the content of a file is wrong, or a file name has forbidden characters.
    """
    paths = {path.stem: path for path in sorted(folder.glob("ngram_*.json"))}
    for name, path in paths.items():
        require_name(name, path)
    speeds = {
        name.removeprefix("ngram_"): read_result(path, SpeedResult)
        for name, path in paths.items()
        if name not in (GROWTH, OPENING)
    }
    tables = [speed_table(speeds)] if speeds else []
    tables += [growth_table(read_result(paths[GROWTH], GrowthResult))] if GROWTH in paths else []
    tables += [opening_table(read_result(paths[OPENING], OpeningResult))] if OPENING in paths else []
    tables += [*lm_tables(folder), *training_tables(folder)]
    return {table.name: table for table in tables}


def speed_table(results: Mapping[str, SpeedResult]) -> Table:
    """Return the table that compares the speed and the memory of gradus and KenLM on every text."""
    rows = [[text, *row] for text, result in results.items() for row in _rows(result)]
    caption = (
        f"Times and speeds are medians over the runs; memory is the maximum over the runs. All programs ran in turn on "
        f"{describe(next(iter(results.values())).machine)}. Build: the whole process from a text to a model that can "
        "be queried, for 5-grams with modified Kneser-Ney smoothing. For gradus this process is `gradus ngram build`; "
        "for KenLM it is `lmplz` followed by `build_binary`. `-S 1G`: `lmplz` may use 1 GB for sorting; by default "
        "`lmplz` may use 80% of the memory. Score: the program scores the training text after it has opened the model; "
        "gradus uses two threads if it reads text and one thread if it reads token ids. Query and module: KenLM's "
        "program `query` and KenLM's Python module. Ratio: how many times faster or smaller gradus is than KenLM."
    )
    return Table("ngram_speed", caption, ["text", "what", "gradus", "KenLM", "ratio"], rows)


def _rows(result: SpeedResult) -> Iterator[list[str]]:
    """Yield the rows that compare gradus and KenLM on one text."""
    build, score = result.build, result.score_in_process
    ours, lmplz, small, binary = build.gradus, build.lmplz, build.lmplz_small, build.build_binary
    # KenLM needs two programs to build a model that can be queried, so their times are added.
    theirs, theirs_small = (
        each.median_seconds + binary.median_seconds if each and binary else None for each in (lmplz, small)
    )
    yield _smaller("build, seconds", ours.median_seconds, theirs, 2)
    yield _smaller("build, seconds; -S 1G", ours.median_seconds, theirs_small, 2)
    yield _smaller("build, peak memory, MiB", ours.peak_mib, lmplz.peak_mib if lmplz else None, 0)
    yield _smaller("build, peak memory, MiB; -S 1G", ours.peak_mib, small.peak_mib if small else None, 0)
    yield _smaller("model on disk, MiB", ours.model_mib, binary.model_mib if binary else None, 0)
    yield _faster("score text, million tokens/s; query", score.gradus_text, score.query)
    yield _faster("score text, million tokens/s; module", score.gradus_text, score.kenlm_module)
    yield _faster("score ids, million tokens/s; module", score.gradus_ids, score.kenlm_module)
    steps = number(result.step.drawn_text.per_second / 1e3, 0)
    yield ["next-token distributions, thousands/s", steps, MISSING, MISSING]


def _smaller(what: str, ours: float, theirs: float | None, digits: int) -> list[str]:
    """Return the row of a quantity such as time or memory. Smaller values are better."""
    ratio = MISSING if theirs is None else number(theirs / ours, 1)
    return [what, number(ours, digits), number(theirs, digits), ratio]


def _faster(what: str, ours: Speed, theirs: Speed | None) -> list[str]:
    """Return the row of a speed, in millions per second. Larger values are better."""
    fast, other = ours.per_second / 1e6, theirs.per_second / 1e6 if theirs else None
    return [what, number(fast, 1), number(other, 1), MISSING if other is None else number(fast / other, 1)]


def opening_table(result: OpeningResult) -> Table:
    """Return the table of the times to open models of several sizes."""
    rows = [
        [
            number(model.model_mib, 0),
            number(model.median_milliseconds.verified, 0),
            number(model.median_milliseconds.no_verify, 0),
        ]
        for model in result.models
    ]
    caption = (
        f"Median time to open a model, over {result.runs} runs on {describe(result.machine)}. The files were in the "
        "file cache of the operating system. By default gradus checks the SHA-256 of every file. With `--no-verify` "
        "gradus checks only the sizes and the structure of the files."
    )
    return Table(OPENING, caption, ["model, MiB", "milliseconds", "milliseconds, --no-verify"], rows)


def growth_table(result: GrowthResult) -> Table:
    """Return the table of the time and the memory of builds from texts of growing length."""
    rows = [
        [
            f"{size.million_tokens:g}",
            number(sum(size.ngrams) / 1e6, 1),
            number(size.in_memory.seconds, 1),
            number(size.in_memory.peak_mib, 0),
            number(size.in_files.seconds, 1),
            number(size.in_files.own_mib, 0),
            number(size.model_mib, 0),
        ]
        for size in result.sizes
    ]
    caption = (
        "Time and memory of `gradus ngram build` for 5-grams with modified Kneser-Ney smoothing, on "
        f"{describe(result.machine)}. The training texts were sampled from an n-gram model. With `--scratch` the large "
        "arrays are memory-mapped files, and the operating system decides how much of them stays in memory. Peak MiB: "
        "largest resident memory. Own MiB: largest resident memory without memory-mapped files."
    )
    columns = ["million tokens", "million n-grams", "seconds", "peak MiB"]
    columns += ["seconds, --scratch", "own MiB, --scratch", "model, MiB"]
    return Table(GROWTH, caption, columns, rows)
