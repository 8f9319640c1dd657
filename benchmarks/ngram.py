"""Benchmark the n-gram engine against KenLM. One run measures both programs on the same machine.

    python -m benchmarks.ngram compare TRAIN TEST --name ptb
    python -m benchmarks.ngram growth TRAIN
    python -m benchmarks.ngram opening TRAIN

KenLM is measured if its programs `lmplz`, `build_binary` and `query` are on the PATH. Its Python module is measured if
it is installed.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.exactness import differences
from benchmarks.growth import growth
from benchmarks.in_process import score_in_process, step_in_process
from benchmarks.opening import opening
from benchmarks.processes import Run, in_turn, measure
from benchmarks.programs import (
    GRADUS,
    Runs,
    Train,
    build_arpa,
    build_ours,
    has_kenlm,
    mib,
    without_unk,
    write_result,
)
from gradus.command import new_app, with_errors

SMALL = "1G"
"""Memory limit for a second measurement of `lmplz`.

By default, `lmplz` allocates 80% of the machine's memory. Such a large allocation takes time, so `lmplz` is
measured a second time with this limit.
"""


app = new_app("Benchmark the n-gram engine against KenLM.")


def compare(
    train: Train,
    test: Annotated[Path, typer.Argument(help="Text to score.")],
    name: Annotated[str, typer.Option(help="Name of the result file.")],
    order: Annotated[int, typer.Option(min=2, help="Number of words of the longest n-gram.")] = 5,
    runs: Runs = 5,
) -> None:
    """Build models and score text with gradus and with KenLM; write `benchmarks/results/ngram_NAME.json`."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        text, test_text = (
            without_unk(path, folder / f"{split}.txt") for split, path in (("train", train), ("test", test))
        )
        result = {
            "order": order,
            "runs": runs,
            "build": build(text, folder, order, runs),
            "score_process": score_processes(text, folder, runs),
            "score_in_process": score_in_process(text, folder, runs),
            "step": step_in_process(folder / "model", runs),
            "test_perplexity": perplexities(text, test_text, folder, order),
            "against_lmplz": exactness(text, folder, order) if has_kenlm() else {},
        }
    write_result(f"ngram_{name}", result)
    _show(result)


def build(text: Path, folder: Path, order: int, runs: int) -> dict[str, Any]:
    """Measure the time and memory of the programs that build a model from a text file.

    KenLM needs two processes: `lmplz` writes an ARPA file, and `build_binary` converts it to a file for fast scoring.
    """
    programs: dict[str, Callable[[], Run]] = {"gradus": lambda: build_ours(text, folder / "model", order)}
    if has_kenlm():
        arpa, binary = folder / "kenlm.arpa", folder / "kenlm.bin"
        programs["lmplz"] = lambda: build_arpa(text, arpa, order)
        programs["lmplz_small"] = lambda: build_arpa(text, arpa, order, "-S", SMALL)
        programs["build_binary"] = lambda: measure(["build_binary", arpa, binary])
    results = in_turn(programs, runs)
    results["gradus"]["model_mib"] = mib(folder / "model")
    if has_kenlm():
        results["build_binary"]["model_mib"] = mib(folder / "kenlm.bin")
        for program in ("lmplz", "lmplz_small"):
            # KenLM scores fast only with a binary file, so its time includes the conversion of the ARPA file
            theirs = results[program]["median_seconds"] + results["build_binary"]["median_seconds"]
            results[program]["ratio"] = round(theirs / results["gradus"]["median_seconds"], 2)
    return results


def score_processes(text: Path, folder: Path, runs: int) -> dict[str, Any]:
    """Measure programs that score the training text. The times include the start of the programs."""
    programs: dict[str, Callable[[], Run]] = {"gradus": lambda: measure([*GRADUS, "score", folder / "model", text])}
    if has_kenlm():
        programs["query"] = lambda: measure(["query", "-v", "summary", folder / "kenlm.bin"], stdin=text)
    results = in_turn(programs, runs)
    if has_kenlm():
        ratio = results["query"]["median_seconds"] / results["gradus"]["median_seconds"]
        results["ratio"] = {"times_faster": round(ratio, 2)}
    return results


def perplexities(text: Path, test_text: Path, folder: Path, order: int) -> dict[str, Any]:
    """Compute the perplexity of the test text with gradus and with KenLM for every order from 2 to `order`.

    The perplexity includes words that are not in the vocabulary.
    """
    by_order: dict[str, Any] = {}
    for n in range(2, order + 1):
        build_ours(text, folder / "model_n", n)
        ours = _perplexity(measure([*GRADUS, "score", folder / "model_n", test_text]).output, "perplexity:")
        by_order[str(n)] = {"gradus": ours}
        if has_kenlm():
            build_arpa(text, folder / "n.arpa", n)
            measure(["build_binary", folder / "n.arpa", folder / "n.bin"])
            output = measure(["query", "-v", "summary", folder / "n.bin"], stdin=test_text).output
            theirs = _perplexity(output, "Perplexity including OOVs:")
            by_order[str(n)] |= {"kenlm": theirs, "relative_difference": float(f"{ours / theirs - 1:.2g}")}
    return by_order


def exactness(text: Path, folder: Path, order: int) -> dict[str, Any]:
    """Compare the ARPA files of gradus and `lmplz` number by number.

    The models have every order from 2 to `order`. At the highest order, pruned models are compared too.
    """
    cases = [*((n, "0") for n in range(2, order + 1)), (order, "0 0 1"), (order, "0 1 1 2")]
    by_case = {}
    # --lmplz, because one n-gram per order has a different count in lmplz (see gradus.ngram.smoothing.lmplz)
    for n, prune in cases:
        model, ours, theirs = folder / "exact", folder / "ours.arpa", folder / "theirs.arpa"
        build_ours(text, model, n, "--prune", prune, "--lmplz")
        measure([*GRADUS, "ngram", "export", model, ours])
        build_arpa(text, theirs, n, "--prune", *prune.split())
        by_case[f"order {n}, pruned at {prune}"] = differences(ours, theirs)
    return by_case


def _perplexity(output: str, label: str) -> float:
    return next(float(line.removeprefix(label)) for line in output.splitlines() if line.startswith(label))


def _show(result: dict[str, Any]) -> None:
    """Print the times, the speeds, the perplexities, and the differences from KenLM."""
    for section in ("build", "score_process"):
        for name, numbers in result[section].items():
            typer.echo(f"{section} {name}: {numbers}")
    for name, numbers in result["score_in_process"].items():
        typer.echo(f"score_in_process {name}: {numbers['per_second']:,} tokens/s")
    for section in ("step", "test_perplexity", "against_lmplz"):
        typer.echo(f"{section}: {result[section]}")


app.command()(with_errors(compare))
app.command()(with_errors(growth))
app.command()(with_errors(opening))

if __name__ == "__main__":
    app()
