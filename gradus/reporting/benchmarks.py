"""Tables of the committed n-gram benchmarks: speed and memory compared with KenLM, and growth with the text."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from gradus.names import require_name
from gradus.reporting.table import MISSING, Table, number
from gradus.results.benchmark import GrowthResult, Machine, OpeningResult, Speed, SpeedResult
from gradus.results.files import read_result

GROWTH, OPENING = "ngram_growth", "ngram_opening"


def benchmark_tables(folder: Path) -> dict[str, Table]:
    """Return a table for every kind of benchmark that has results in a folder, by the name of the table.

    Raises:
        InputError: if a file is broken or badly named.
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
    return {table.name: table for table in tables}


def speed_table(results: Mapping[str, SpeedResult]) -> Table:
    """Return the measurements of every text, with those of KenLM for comparison."""
    rows = [[text, *row] for text, result in results.items() for row in _rows(result)]
    caption = (
        f"Medians of alternating runs on {_machine(next(iter(results.values())).machine)}. Build: a whole process from "
        "text to a model that is ready to be queried (gradus ngram build; lmplz, then build_binary), 5-grams, modified "
        "Kneser-Ney. -S 1G: lmplz sorts in 1 GB instead of its default, 80% of the memory. Score: the training text, "
        "in a process that has already opened the model; gradus uses two threads for text and one for ids. Ratio: how "
        "many times faster or smaller gradus is."
    )
    return Table("ngram_speed", caption, ["text", "what", "gradus", "KenLM", "ratio"], rows)


def _rows(result: SpeedResult) -> Iterator[list[str]]:
    """Yield the rows of one text."""
    build, score = result.build, result.score_in_process
    ours, lmplz, small, binary = build.gradus, build.lmplz, build.lmplz_small, build.build_binary
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
    """Return a row in which less is better."""
    ratio = MISSING if theirs is None else number(theirs / ours, 1)
    return [what, number(ours, digits), number(theirs, digits), ratio]


def _faster(what: str, ours: Speed, theirs: Speed | None) -> list[str]:
    """Return a row in which more is better, in millions per second."""
    fast, other = ours.per_second / 1e6, theirs.per_second / 1e6 if theirs else None
    return [what, number(fast, 1), number(other, 1), MISSING if other is None else number(fast / other, 1)]


def opening_table(result: OpeningResult) -> Table:
    """Return the time to open models of several sizes."""
    rows = [
        [
            number(model.model_mib, 0),
            number(model.median_milliseconds.verified, 0),
            number(model.median_milliseconds.no_verify, 0),
        ]
        for model in result.models
    ]
    caption = (
        f"Medians of {result.runs} openings on {_machine(result.machine)}; the system's cache holds the files. By "
        "default gradus checks the SHA-256 sum of every file; with --no-verify it checks only sizes and structure."
    )
    return Table(OPENING, caption, ["model, MiB", "milliseconds", "milliseconds, --no-verify"], rows)


def growth_table(result: GrowthResult) -> Table:
    """Return time and memory of a build by length of the text."""
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
        "gradus ngram build, 5-grams, modified Kneser-Ney, of text drawn from a fitted model, on "
        f"{_machine(result.machine)}. With --scratch the large arrays are files, which the system keeps in memory as "
        "far as it can; own MiB counts the memory that is not part of such a file."
    )
    columns = ["million tokens", "million n-grams", "seconds", "peak MiB"]
    columns += ["seconds, --scratch", "own MiB, --scratch", "model, MiB"]
    return Table(GROWTH, caption, columns, rows)


def _machine(machine: Machine) -> str:
    return f"{machine.cores:g} cores of {machine.processor}, {machine.memory_gib:g} GiB"
