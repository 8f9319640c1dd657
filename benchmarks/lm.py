"""Benchmark the training of neural language models on the Penn Treebank, beside PyTorch's example.

    python -m benchmarks.lm compare --peer FOLDER
    python -m benchmarks.lm rates
    python -m benchmarks.lm quality --peer FOLDER

FOLDER is `word_language_model` of a copy of the repository pytorch/examples. Without it, gradus is measured alone. The
text is fetched, or found through the variable `GRADUS_CORPORA`.
"""

import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from benchmarks.lm_networks import PRECISIONS, example_network, families, product_rate, training_flops
from benchmarks.lm_peer import Example, Shape
from benchmarks.lm_quality import NAME, QUICK, curve
from benchmarks.lm_text import prepare_text, write_params
from benchmarks.processes import measure
from benchmarks.programs import write_result
from benchmarks.training_steps import step_tokens, time_steps
from gradus.command import new_app, with_errors
from gradus.networks.language_models.build import build_lm
from gradus.numerics import follow
from gradus.params import read_params
from gradus.runtime import prepare, read_runtime, weightless
from gradus.text.token_ids import open_tokens
from gradus.training.lm import LMTask, read_texts
from gradus.training.loop import train
from stages.train_lm import TrainLMConfig

SMALL, LARGE = Shape(hidden=200), Shape(hidden=650)
"""Sizes of the LSTM in the comparison of epochs, and in the comparison of steps."""
STEPS = 300
"""Number of timed steps."""
EXAMPLE_SECONDS = 400.0
"""Time after which the epoch of the example that is running is its last one in `quality`."""

Peer = Annotated[Path | None, typer.Option(help="Folder of PyTorch's example word_language_model.")]
Params = Annotated[Path, typer.Option(help="Parameter file with the settings of the other stages.")]
Threads = Annotated[int, typer.Option(min=1, help="Number of threads of both programs.")]
Runs = Annotated[int, typer.Option(min=1, help="Number of runs of every program; the results are medians.")]

app = new_app("Benchmark neural language models on the Penn Treebank.")


def compare(peer: Peer = None, params: Params = Path("params.yaml"), threads: Threads = 2, runs: Runs = 3) -> None:
    """Train the LSTM of PyTorch's example with both programs; write `benchmarks/results/lm_speed.json`.

    Measured are one epoch with its validation at width 200, and 300 steps at width 650.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        networks = {
            f"lstm_{shape.hidden}_{precision}": example_network(shape, precision)
            for shape in (SMALL, LARGE)
            for precision in PRECISIONS
        }
        file, tokens = _prepare(folder, params, networks, threads)
        programs = {
            "epoch": {each: _ours("epoch", f"lstm_{SMALL.hidden}_{each}", file, tokens) for each in PRECISIONS},
            "large_steps": {each: _ours("steps", f"lstm_{LARGE.hidden}_{each}", file, tokens) for each in PRECISIONS},
        }
        if peer:
            example = Example(peer, folder / "text", threads)
            example.require()
            programs["epoch"]["peer"] = lambda: example.epoch(SMALL)
            programs["large_steps"]["peer"] = lambda: example.steps(LARGE, STEPS)
        products = _ours("products", "all", file, tokens)
        write_result(
            "lm_speed",
            {
                "threads": threads,
                "epoch_tokens": len(read_texts(tokens)[0]),
                "step_tokens": STEPS * LARGE.batch * LARGE.chunk,
                **{part: _in_turn(some, runs) for part, some in programs.items()},
                "product_gflop_per_second": products()["gflop_per_second"],
            },
        )


def rates(params: Params = Path("params.yaml"), threads: Threads = 2, runs: Runs = 3) -> None:
    """Measure the operations per second of every kind of network; write `benchmarks/results/lm_rates.json`.

    The speed of a product of two large matrices is measured too.
    """
    with tempfile.TemporaryDirectory() as temporary:
        networks = families(SMALL)
        file, tokens = _prepare(Path(temporary), params, networks, threads)
        found = _in_turn({name: _ours("steps", name, file, tokens) for name in networks}, runs)
        size, rows = open_tokens(tokens).tokenizer().size, []
        for name, summary in found.items():
            config = read_params(file, f"train_lm.{name}", TrainLMConfig)
            with weightless():
                flops = training_flops(build_lm(config.network, size), SMALL.chunk)
            per_second = STEPS * SMALL.batch * SMALL.chunk / summary["median_seconds"]
            speed = {"tokens_per_second": round(per_second), "gflop_per_second": round(flops * per_second / 1e9, 1)}
            kind, _, precision = name.rpartition("_")
            rows.append({"kind": kind, "precision": precision, "flop_per_token": flops, **speed, **summary})
        products = _ours("products", "all", file, tokens)()["gflop_per_second"]
        write_result("lm_rates", {"threads": threads, "networks": rows, "product_gflop_per_second": products})


def quality(peer: Peer = None, params: Params = Path("params.yaml"), threads: Threads = 2) -> None:
    """Measure the validation perplexity by the time since the start of the process, beside PyTorch's example.

    Both programs train once, one after the other. The result is `benchmarks/results/lm_quality.json`.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        file, tokens = _prepare(folder, params, {NAME: QUICK}, threads)
        curves = {"gradus": curve(tokens, file, folder)}
        typer.echo(f"gradus: {curves['gradus']}")
        if peer:
            example = Example(peer, folder / "text", threads)
            example.require()
            curves["example"] = example.curve(SMALL, EXAMPLE_SECONDS)
            typer.echo(f"example: {curves['example']}")
    keys = ("seconds", "valid_perplexity")
    points = {name: [dict(zip(keys, point, strict=True)) for point in found] for name, found in curves.items()}
    write_result("lm_quality", {"threads": threads, "settings": QUICK, **points})


def epoch(name: str, tokens: Path, params: Path) -> None:
    """Train one epoch with its validation; print the time and the perplexity as JSON. `compare` runs this command."""
    follow(params, restart=True)
    config, runtime = read_params(params, f"train_lm.{name}", TrainLMConfig), read_runtime(params)
    device = prepare(runtime)
    model = build_lm(config.network, open_tokens(tokens).tokenizer().size).to(device)
    task = LMTask(model, *read_texts(tokens), config.training, seed=runtime.seed)
    start = time.perf_counter()
    (finished,) = train(model, task, config.training)
    seconds = time.perf_counter() - start
    perplexity = math.exp(finished.valid_nats_per_token)
    typer.echo(json.dumps({"seconds": seconds, "valid_perplexity": perplexity}))


def steps(name: str, tokens: Path, params: Path) -> None:
    """Train some steps; print their time as JSON. `compare` and `rates` run this command."""
    follow(params, restart=True)
    config = read_params(params, f"train_lm.{name}", TrainLMConfig)
    timing = time_steps(config, tokens, read_runtime(params), STEPS * step_tokens(config))
    typer.echo(json.dumps({"seconds": timing.seconds}))


def products(name: str, tokens: Path, params: Path) -> None:
    """Measure the speed of products of large matrices; print it as JSON. `compare` and `rates` run this command."""
    follow(params, restart=True)
    torch.set_num_threads(read_runtime(params).threads)
    types = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    found = {precision: round(product_rate(dtype) / 1e9, 1) for precision, dtype in types.items()}
    typer.echo(json.dumps({"gflop_per_second": found}))


def _prepare(folder: Path, params: Path, networks: dict[str, Any], threads: int) -> tuple[Path, Path]:
    """Write the parameter file and the token ids of the benchmark into a folder; return their paths."""
    file = folder / "params.yaml"
    write_params(file, params, networks, threads)
    return file, prepare_text(folder, file)


def _ours(command: str, name: str, params: Path, tokens: Path) -> Callable[[], dict[str, Any]]:
    """Return a function that runs a command of this file in a new process, and returns its values."""

    def run() -> dict[str, Any]:
        done = measure([sys.executable, "-m", "benchmarks.lm", command, name, tokens, params])
        return {**json.loads(done.output.splitlines()[-1]), "peak_mib": done.peak_mib}

    return run


def _in_turn(programs: Mapping[str, Callable[[], dict[str, Any]]], runs: int) -> dict[str, dict[str, Any]]:
    """Run all programs one after the other, `runs` times; return a summary of each program's runs."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in programs}
    for _ in range(runs):
        for name, program in programs.items():
            found[name].append(program())
            typer.echo(f"{name}: {found[name][-1]}")
    return {name: _summary(made) for name, made in found.items()}


def _summary(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the median time, all times, the peak memory and the perplexities of the runs of one program."""
    seconds = [run["seconds"] for run in runs]
    peak = round(max(run["peak_mib"] for run in runs))
    summary = {"median_seconds": round(statistics.median(seconds), 2), "peak_mib": peak}
    perplexities = [round(run["valid_perplexity"], 2) for run in runs if "valid_perplexity" in run]
    extra = {"valid_perplexity": perplexities} if perplexities else {}
    return {**summary, "seconds": [round(value, 2) for value in seconds], **extra}


for command in (compare, rates, quality, epoch, steps, products):
    app.command()(with_errors(command))

if __name__ == "__main__":
    app()
