"""What the committed benchmarks say of the n-gram engine: speed and memory beside KenLM, and growth."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradus.names import require_name
from gradus.reporting.benchmark_schema import Compared, Growth, Opening
from gradus.reporting.results import Metrics, get
from gradus.reporting.schema import read_checked
from gradus.reporting.table import MISSING, Table, number

GROWTH, OPENING = "ngram_growth", "ngram_opening"


def benchmark_tables(folder: Path) -> dict[str, Table]:
    """Return the tables of the benchmarks whose results a folder holds, by name."""
    results = {}
    for path in sorted(folder.glob("ngram_*.json")):
        require_name(path.stem, path)
        results[path.stem] = read_checked(path, {GROWTH: Growth, OPENING: Opening}.get(path.stem, Compared))
    compared = {name.removeprefix("ngram_"): found for name, found in results.items() if name not in (GROWTH, OPENING)}
    tables = [speed_table(compared)] if compared else []
    tables += [growth_table(results[GROWTH])] if GROWTH in results else []
    tables += [opening_table(results[OPENING])] if OPENING in results else []
    return {table.name: table for table in tables}


def speed_table(compared: Mapping[str, Metrics]) -> Table:
    """Return what was measured of each text beside KenLM."""
    rows = [row for text, result in compared.items() for row in _rows(text, result)]
    caption = (
        f"Medians of runs taken in turn on {_machine(next(iter(compared.values())))}. A model is built by a whole "
        "process from text to a model that can be asked (gradus ngram build; lmplz, then build_binary), 5-grams, "
        "modified Kneser-Ney; -S 1G: lmplz told to sort in 1 GB instead of its default, 80% of the memory. Scoring: "
        "the training text, in process, once the model is open; gradus with two threads, but ids with one. Ratio: how "
        "many times faster, smaller or less."
    )
    return Table("ngram_speed", caption, ["text", "what", "gradus", "KenLM", "ratio"], rows)


def _rows(text: str, result: Metrics) -> list[list[str]]:
    def compare(what: str, ours: Any, theirs: Any, digits: int, more_is_better: bool = False) -> list[str]:
        better, worse = (ours, theirs) if more_is_better else (theirs, ours)
        ratio = MISSING if None in (ours, theirs) else number(better / worse, 1)
        return [text, what, number(ours, digits), number(theirs, digits), ratio]

    build, score = result["build"], result["score_in_process"]
    binary = get(build, "build_binary.median_seconds")

    def theirs(lmplz: str) -> float | None:
        return build[lmplz]["median_seconds"] + binary if lmplz in build and binary is not None else None

    programs = ("gradus_text", "gradus_ids", "query", "kenlm_module")
    speeds = {name: score[name]["per_second"] / 1e6 for name in programs if name in score}  # million tokens a second
    return [
        compare("build, seconds", build["gradus"]["median_seconds"], theirs("lmplz"), 2),
        compare("build, seconds; -S 1G", build["gradus"]["median_seconds"], theirs("lmplz_small"), 2),
        compare("build, peak memory, MiB", build["gradus"]["peak_mib"], get(build, "lmplz.peak_mib"), 0),
        compare("build, peak memory, MiB; -S 1G", build["gradus"]["peak_mib"], get(build, "lmplz_small.peak_mib"), 0),
        compare("model on disk, MiB", build["gradus"]["model_mib"], get(build, "build_binary.model_mib"), 0),
        compare("score text, million tokens/s; query", speeds["gradus_text"], speeds.get("query"), 1, True),
        compare("score text, million tokens/s; module", speeds["gradus_text"], speeds.get("kenlm_module"), 1, True),
        compare("score ids, million tokens/s; module", speeds["gradus_ids"], speeds.get("kenlm_module"), 1, True),
        [
            text,
            "next-token distributions, thousands/s",
            number(result["step"]["drawn_text"]["per_second"] / 1e3, 0),
            MISSING,
            MISSING,
        ],
    ]


def opening_table(result: Metrics) -> Table:
    """Return how long models of several sizes took to open."""
    rows = [
        [
            number(row["model_mib"], 0),
            *(number(row["median_milliseconds"][key], 0) for key in ("verified", "no_verify")),
        ]
        for row in result["models"]
    ]
    caption = (
        f"Medians of {result['runs']} openings on {_machine(result)}, the files in the system's cache. By default the "
        "SHA-256 sum of every file is checked; --no-verify checks sizes and structure alone."
    )
    return Table(OPENING, caption, ["model, MiB", "milliseconds", "milliseconds, --no-verify"], rows)


def growth_table(result: Metrics) -> Table:
    """Return time and memory by length of the text."""
    rows = [
        [
            f"{size['million_tokens']:g}",
            number(sum(size["ngrams"]) / 1e6, 1),
            number(size["in_memory"]["seconds"], 1),
            number(size["in_memory"]["peak_mib"], 0),
            number(size["in_files"]["seconds"], 1),
            number(size["in_files"]["own_mib"], 0),
            number(size["model_mib"], 0),
        ]
        for size in result["sizes"]
    ]
    caption = (
        "gradus ngram build of 5-grams, modified Kneser-Ney, of text drawn from a fitted model, on "
        f"{_machine(result)}. "
        "With --scratch the large arrays are files that the system keeps in memory as far as it can; own memory is "
        "what no file stands behind."
    )
    columns = ["million tokens", "million n-grams", "seconds", "peak MiB"]
    columns += ["seconds, --scratch", "own MiB, --scratch", "model, MiB"]
    return Table(GROWTH, caption, columns, rows)


def _machine(result: Metrics) -> str:
    machine = result["machine"]
    return f"{machine['cores']:g} cores of {machine['processor']}, {machine['memory_gib']:g} GiB"
