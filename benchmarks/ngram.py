"""The n-gram engine beside KenLM: both in turn, in one run, on one machine.

    python -m benchmarks.ngram compare TRAIN TEST --name ptb
    python -m benchmarks.ngram growth TRAIN
    python -m benchmarks.ngram opening TRAIN

KenLM is compared with where its `lmplz`, `build_binary` and `query` are on the PATH and its module is installed.
"""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.exactness import differences
from benchmarks.growth import growth
from benchmarks.opening import opening
from benchmarks.processes import Run, in_turn, measure, rate
from benchmarks.programs import (
    GRADUS,
    Runs,
    Train,
    build_arpa,
    build_ours,
    has_kenlm,
    mib,
    open_model,
    without_unk,
    write_result,
)
from gradus.command import new_app, with_errors
from gradus.corpora.files import read_blocks, read_lines
from gradus.inference.scoring import block_size
from gradus.ngram.scoring.model import NgramModel
from gradus.ngram.threads import in_threads

SMALL = "1G"
"""Sort memory of a second run of lmplz, whose default of 80% of the machine's takes time to be given out."""


app = new_app("The n-gram engine beside KenLM.")


def compare(
    train: Train,
    test: Annotated[Path, typer.Argument(help="Text to score.")],
    name: Annotated[str, typer.Option(help="Name of the result.")],
    order: Annotated[int, typer.Option(min=2, help="Words of the longest n-gram.")] = 5,
    runs: Runs = 5,
) -> None:
    """Build and score by both programs; write benchmarks/results/ngram_NAME.json."""
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        texts = [without_unk(path, room / f"{split}.txt") for split, path in (("train", train), ("test", test))]
        result = {
            "order": order,
            "runs": runs,
            "build": build(texts[0], room, order, runs),
            "score_process": score_processes(texts[0], room, runs),
            "score_in_process": score_in_process(texts[0], room, runs),
            "step": stepping(room / "model", order, runs),
            "test_perplexity": perplexities(texts, room, order),
            "against_lmplz": exactness(texts[0], room, order) if has_kenlm() else {},
        }
    write_result(f"ngram_{name}", result)
    _show(result)


def build(text: Path, room: Path, order: int, runs: int) -> dict[str, Any]:
    """Time whole processes from a text file to a model that can be asked."""
    programs: dict[str, Callable[[], Run]] = {"gradus": lambda: build_ours(text, room / "model", order)}
    if has_kenlm():
        arpa, binary = room / "kenlm.arpa", room / "kenlm.bin"
        programs["lmplz"] = lambda: build_arpa(text, arpa, order)
        programs["lmplz_small"] = lambda: build_arpa(text, arpa, order, "-S", SMALL)
        programs["build_binary"] = lambda: measure(["build_binary", arpa, binary])
    found = in_turn(programs, runs)
    found["gradus"]["model_mib"] = mib(room / "model")
    if has_kenlm():
        found["build_binary"]["model_mib"] = mib(room / "kenlm.bin")
        for program in ("lmplz", "lmplz_small"):
            theirs = found[program]["median_seconds"] + found["build_binary"]["median_seconds"]
            found[program]["ratio"] = round(theirs / found["gradus"]["median_seconds"], 2)
    return found


def score_processes(text: Path, room: Path, runs: int) -> dict[str, Any]:
    """Time whole processes that score the training text."""
    programs: dict[str, Callable[[], Run]] = {"gradus": lambda: measure([*GRADUS, "score", room / "model", text])}
    if has_kenlm():
        programs["query"] = lambda: measure(["query", "-v", "summary", room / "kenlm.bin"], stdin=text)
    found = in_turn(programs, runs)
    if has_kenlm():
        ratio = found["query"]["median_seconds"] / found["gradus"]["median_seconds"]
        found["ratio"] = {"times_faster": round(ratio, 2)}
    return found


def score_in_process(text: Path, room: Path, runs: int) -> dict[str, Any]:
    """Count the tokens of the training text that are scored in a second once the model is open."""
    model, tokenizer = open_model(room / "model")
    lines, blocks = read_lines(text), list(read_blocks(text, size=block_size(tokenizer.size)))
    ids = np.concatenate([tokenizer.encode_block(block) for block in blocks])

    def from_text() -> None:
        for _ in in_threads(lambda block: model.log_probs(tokenizer.encode_block(block)), blocks):
            pass

    found = {
        "gradus_ids": rate(lambda: model.log_probs(ids), len(ids), runs),
        "gradus_text": rate(from_text, len(ids), runs),
        "gradus_lines": rate(lambda: model.log_probs(tokenizer.encode_lines(lines)), len(ids), runs),
    }
    if not has_kenlm():
        return found
    empty = room / "empty.txt"
    query: list[str | Path] = ["query", "-v", "summary", room / "kenlm.bin"]
    empty.write_text("\n")
    load, whole = (statistics.median(measure(query, stdin=path).seconds for _ in range(runs)) for path in (empty, text))
    found["query"] = {"per_second": round(len(ids) / (whole - load)), "load_seconds": round(load, 3)}
    try:
        import kenlm
    except ImportError:
        return found
    theirs = kenlm.Model(str(room / "kenlm.bin"))
    found["kenlm_module"] = rate(lambda: sum(map(theirs.score, lines)), len(ids), runs)
    return found


def stepping(folder: Path, order: int, runs: int) -> dict[str, Any]:
    """Count the histories in a second whose whole next-token distribution is computed, 128 rows at a time."""
    import torch

    from gradus.ngram.scoring.step import NgramStep

    model, _ = open_model(folder)
    step = NgramStep(model)
    random = np.random.default_rng(1)
    tokens = torch.from_numpy(random.integers(4, model.vocabulary_size, (20, 128)))  # histories that mostly back off
    drawn = _drawn_tokens(model, 20, 128)

    def feed(rows: torch.Tensor) -> None:
        state = step.start(rows.shape[1])
        for row in rows:
            _, state = step.step(row, state)

    return {
        "vocabulary": model.vocabulary_size,
        "random_words": rate(lambda: feed(tokens), tokens.numel(), runs),
        "drawn_text": rate(lambda: feed(drawn), drawn.numel(), runs),
    }


def _drawn_tokens(model: NgramModel, steps: int, rows: int) -> Any:
    """Return ids of text drawn from the model, (steps, rows), whose histories have many continuations."""
    import torch

    from benchmarks.sampling import draw

    ids = np.concatenate(list(draw(model, steps * rows, seed=1)))
    return torch.from_numpy(ids.reshape(rows, steps).T.copy())


def perplexities(texts: list[Path], room: Path, order: int) -> dict[str, Any]:
    """Return the perplexity of the test text at orders 2 to N by both programs, OOV included."""
    found: dict[str, Any] = {}
    for n in range(2, order + 1):
        build_ours(texts[0], room / "model_n", n)
        ours = _perplexity(measure([*GRADUS, "score", room / "model_n", texts[1]]).output, "perplexity:")
        found[str(n)] = {"gradus": ours}
        if has_kenlm():
            build_arpa(texts[0], room / "n.arpa", n)
            measure(["build_binary", room / "n.arpa", room / "n.bin"])
            output = measure(["query", "-v", "summary", room / "n.bin"], stdin=texts[1]).output
            theirs = _perplexity(output, "Perplexity including OOVs:")
            found[str(n)] |= {"kenlm": theirs, "relative_difference": float(f"{ours / theirs - 1:.2g}")}
    return found


def exactness(text: Path, room: Path, order: int) -> dict[str, Any]:
    """Compare every number of our models with lmplz's at orders 2 to N, and at order N with n-grams pruned."""
    cases = [*((n, "0") for n in range(2, order + 1)), (order, "0 0 1"), (order, "0 1 1 2")]
    found = {}
    for n, prune in cases:
        model, ours, theirs = room / "exact", room / "ours.arpa", room / "theirs.arpa"
        build_ours(text, model, n, "--prune", prune, "--lmplz")
        measure([*GRADUS, "ngram", "export", model, ours])
        build_arpa(text, theirs, n, "--prune", *prune.split())
        found[f"order {n}, pruned at {prune}"] = differences(ours, theirs)
    return found


def _perplexity(output: str, label: str) -> float:
    return next(float(line.removeprefix(label)) for line in output.splitlines() if line.startswith(label))


def _show(result: dict[str, Any]) -> None:
    """Print the ratios."""
    for part in ("build", "score_process"):
        for name, found in result[part].items():
            typer.echo(f"{part} {name}: {found}")
    for name, found in result["score_in_process"].items():
        typer.echo(f"score_in_process {name}: {found['per_second']:,} tokens/s")
    for part in ("step", "test_perplexity", "against_lmplz"):
        typer.echo(f"{part}: {result[part]}")


app.command()(with_errors(compare))
app.command()(with_errors(growth))
app.command()(with_errors(opening))

if __name__ == "__main__":
    app()
