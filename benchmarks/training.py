"""Benchmark the training of language models: time and memory by network, and by length of the chunks.

    python -m benchmarks.training networks --overlay FILE
    python -m benchmarks.training chunks --name lstm

FILE changes the section `train_lm` of params.yaml. It is a recipe, or a file with only this section. Both commands read
the token ids that the stage `tokenize` wrote.
"""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.programs import write_result
from benchmarks.training_memory import memory_in_child, training_memory
from benchmarks.training_params import SECTION, changed_params, chosen_names, params_file, with_chunks
from benchmarks.training_steps import WARMUP_STEPS, Timing, step_tokens, time_steps
from gradus.command import new_app, with_errors
from gradus.numerics import follow
from gradus.params import read_params
from gradus.runtime import read_runtime
from gradus.text.token_ids import open_tokens
from stages.train_lm import TrainLMConfig

Tokens = Annotated[Path, typer.Option(help="Folder of token ids that `tokenize` wrote.")]
Params = Annotated[Path, typer.Option(help="Parameter file with the networks.")]
Overlay = Annotated[Path | None, typer.Option(help="YAML file of changes of `train_lm`, such as a recipe.")]
Runs = Annotated[int, typer.Option(min=1, help="Number of timed trainings of every network.")]
Read = Annotated[int, typer.Option(min=1, help="Number of tokens that the timed steps of a training read.")]

app = new_app("Benchmark the training of language models.")


def networks(
    overlay: Overlay = None,
    names: Annotated[str, typer.Option(help="Networks to measure, separated by spaces; all by default.")] = "",
    tokens: Tokens = Path("data/tokens/lm"),
    params: Params = Path("params.yaml"),
    runs: Runs = 5,
    read: Read = 40_000,
) -> None:
    """Measure the time and memory of several networks; write `benchmarks/results/training_speed.json`."""
    _use_numerics(params)
    values = changed_params(params, overlay)
    with params_file(values) as file:
        costs = _costs(file, chosen_names(values, names.split()), tokens, runs, read)
    rows = [{"name": name, **cost} for name, cost in costs.items()]
    write_result("training_speed", {**_settings(params, tokens, runs), "networks": rows})


def chunks(
    name: Annotated[str, typer.Option(help="Network to measure.")] = "lstm",
    lengths: Annotated[str, typer.Option(help="Lengths of the chunks, in tokens.")] = "4 8 16 32 64 128 256",
    tokens: Tokens = Path("data/tokens/lm"),
    params: Params = Path("params.yaml"),
    runs: Runs = 3,
    read: Read = 40_000,
) -> None:
    """Measure the time and memory of one network by chunk length; write `benchmarks/results/chunk_speed.json`.

    Each length is measured twice: with as many tokens per step as in the parameter file, and with the same batch.
    """
    _use_numerics(params)
    values = changed_params(params, None)
    chosen_names(values, [name])
    config = _config(params, name)
    sizes = [int(length) for length in lengths.split()]
    equal_step = [(max(1, step_tokens(config) // chunk), chunk) for chunk in sizes]
    equal_batch = [(config.training.batch, chunk) for chunk in sizes]
    copies = {f"{name}_{batch}_{chunk}": (batch, chunk) for batch, chunk in (*equal_step, *equal_batch)}
    with params_file(with_chunks(values, name, copies)) as file:
        costs = _costs(file, copies, tokens, runs, read)
    rows = {
        way: [costs[f"{name}_{batch}_{chunk}"] for batch, chunk in pairs]
        for way, pairs in (("equal_step", equal_step), ("equal_batch", equal_batch))
    }
    write_result("chunk_speed", {"name": name, **_settings(params, tokens, runs), **rows})


def memory(
    name: Annotated[str, typer.Argument(help="Network to measure.")],
    tokens: Tokens = Path("data/tokens/lm"),
    params: Params = Path("params.yaml"),
) -> None:
    """Measure the peak memory of one training; print it as JSON. The other commands run this one in new processes."""
    _use_numerics(params)
    typer.echo(json.dumps(training_memory(_config(params, name), tokens, read_runtime(params))))


def _use_numerics(params: Path) -> None:
    follow(params, restart=__name__ == "__main__")


def _config(params: Path, name: str) -> TrainLMConfig:
    return read_params(params, f"{SECTION}.{name}", TrainLMConfig)


def _settings(params: Path, tokens: Path, runs: int) -> dict[str, Any]:
    """Return the settings that are written to the result."""
    size = open_tokens(tokens).tokenizer().size
    return {**asdict(read_runtime(params)), "vocabulary_size": size, "warmup_steps": WARMUP_STEPS, "runs": runs}


def _costs(params: Path, names: Iterable[str], tokens: Path, runs: int, read: int) -> dict[str, dict[str, Any]]:
    """Measure networks of a parameter file; return a dict from name to cost."""
    runtime = read_runtime(params)
    timings: dict[str, list[Timing]] = {name: [] for name in names}
    configs = {name: _config(params, name) for name in timings}
    # in turn, so that a slow phase of the machine affects all networks
    for _ in range(runs):
        for name, config in configs.items():
            timings[name].append(time_steps(config, tokens, runtime, read))
    costs = {}
    for name, config in configs.items():
        sizes = {"batch": config.training.batch, "chunk": config.training.chunk}
        costs[name] = {**sizes, **_summary(timings[name]), **memory_in_child(name, tokens, params)}
        typer.echo(f"{name}: {costs[name]}")
    return costs


def _summary(timings: Sequence[Timing]) -> dict[str, Any]:
    """Return the median speeds of several trainings of one network, and how far its times lie apart."""
    tokens = timings[0].tokens
    seconds, cpu_seconds = ([getattr(each, key) for each in timings] for key in ("seconds", "cpu_seconds"))
    median = statistics.median(seconds)
    return {
        "tokens_per_second": round(tokens / median),
        "tokens_per_cpu_second": round(tokens / statistics.median(cpu_seconds)),
        "spread": round((max(seconds) - min(seconds)) / median, 3),
        "tokens": tokens,
        "seconds": [round(value, 3) for value in seconds],
        "cpu_seconds": [round(value, 3) for value in cpu_seconds],
    }


for command in (networks, chunks, memory):
    app.command()(with_errors(command))

if __name__ == "__main__":
    app()
