"""The benchmark of training, on a tiny text; speeds are positive, and nothing more is known of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from random_tokens import write_random_tokens
from typer.testing import CliRunner

from benchmarks import training, training_steps
from benchmarks.training_memory import memory_in_child
from benchmarks.training_params import changed_params, chosen_names, params_file, with_chunks
from benchmarks.training_steps import WARMUP_STEPS, time_steps, train_steps
from gradus.artifacts.json_files import read_json
from gradus.errors import InputError
from gradus.params import read_params
from gradus.reporting.benchmarks import benchmark_tables
from gradus.runtime import read_runtime
from stages.train_lm import TrainLMConfig

V = 12  # eight words, PAD, BOS, EOS and <unk>
PARAMS = """\
seed: 1
threads: 1
numerics: portable
device: cpu
train_lm:
  small:
    network: {kind: ffnn, window: 2, embedding: 8, hidden: 16, dropout: 0.0, tied: false}
    training: {batch: 4, chunk: 8, carry_state: true, chunk_jitter: 0,
      penalties: {activation: 0.0, temporal: 0.0}, optimizer: adamw, learning_rate: 0.01, weight_decay: 0.0,
      schedule: cosine, warmup_steps: 5, clip_by: norm, precision: float32, average: none, clip: 1.0, epochs: 3,
      patience: 1, read: stream}
"""
LARGE = "{large: {like: small, network: {embedding: 512, hidden: 2048}}}"


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data/tokens/lm"
    folder.mkdir(parents=True)
    write_random_tokens(folder)
    (tmp_path / "params.yaml").write_text(PARAMS)
    (tmp_path / "benchmarks/results").mkdir(parents=True)
    monkeypatch.syspath_prepend(Path.cwd())
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))  # for the new processes, which start in another folder
    monkeypatch.chdir(tmp_path)
    return folder


def run(*arguments: str) -> None:
    result = CliRunner().invoke(training.app, arguments)
    assert result.exit_code == 0, result.output


class Counter:
    """`Track` that counts the batches and their tokens."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, items: Any, description: str, total: int | None = None) -> Iterator[Any]:
        for inputs, targets in items:
            self.sizes.append(int((targets != 0).sum()))
            yield inputs, targets


def test_every_step_reads_a_whole_batch_even_of_a_short_text(tokens: Path) -> None:
    """The text has less than 20,000 tokens; 800 steps of 4 x 8 read 25,600."""
    config = read_params(Path("params.yaml"), "train_lm.small", TrainLMConfig)
    counter = Counter()
    # weights: embedding 12 x 8, hidden (2 x 8 + 1) x 16, output (16 + 1) x 12
    assert train_steps(config, tokens, read_runtime(Path("params.yaml")), 800, track=counter) == 96 + 272 + 204
    assert counter.sizes == [32] * 800


def test_only_steps_after_the_warm_up_are_timed(tokens: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """100 tokens are 4 steps of 32 tokens. A clock that counts batches shows how many of them were timed."""
    config, counter = read_params(Path("params.yaml"), "train_lm.small", TrainLMConfig), Counter()

    class Counting(training_steps._Stopwatch):
        def __call__(self, items: Any, description: str, total: int | None = None) -> Iterator[Any]:
            return super().__call__(counter(items, description, total), description, total)

    monkeypatch.setattr(training_steps, "_Stopwatch", Counting)
    # after a batch has been fetched, and at the end, the clock shows the number of fetched batches
    monkeypatch.setattr(training_steps, "_now", lambda: (float(len(counter.sizes)), 0.0))
    timing = time_steps(config, tokens, read_runtime(Path("params.yaml")), 100)
    assert len(counter.sizes) == WARMUP_STEPS + 4
    assert timing.tokens == 128 and timing.seconds == 3.0  # from the fetched 5th to last batch to the end


def test_networks_are_measured_and_tabulated(tokens: Path) -> None:
    Path("changes.yaml").write_text(f"description: a recipe\ntracks: [lm]\nparams:\n  train_lm: {LARGE}\n")
    run("networks", "--overlay", "changes.yaml", "--runs", "2", "--read", "64")
    result = read_json(Path("benchmarks/results/training_speed.json"))
    small, large = result["networks"]
    assert (small["name"], small["parameters"], small["tokens"]) == ("small", 572, 64)
    assert result["vocabulary_size"] == V and len(small["seconds"]) == len(small["cpu_seconds"]) == 2
    assert min(small["tokens_per_second"], large["tokens_per_second"]) > 0
    # weights 12 x 512 + (1024 + 1) x 2048 + (2048 + 1) x 12, gradients, two moments and a copy, 4 bytes each
    weights = 6144 + 2_099_200 + 24_588
    assert large["parameters"] == weights
    assert 5 * 4 * weights / 2**20 < large["peak_mib"] < 5 * 4 * weights / 2**20 + 40 < large["process_mib"]
    assert small["peak_mib"] < 20
    table = benchmark_tables(Path("benchmarks/results"))["training_speed"]
    assert [row[:2] for row in table.rows] == [["small", "572"], ["large", f"{weights:,}"]]


def test_chunks_have_equal_steps_or_equal_batches(tokens: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "memory_in_child", lambda name, tokens, params: {"peak_mib": 1.5})
    run("chunks", "--name", "small", "--lengths", "2 8", "--runs", "1", "--read", "64")
    result = read_json(Path("benchmarks/results/chunk_speed.json"))
    sizes = {way: [(cost["batch"], cost["chunk"]) for cost in result[way]] for way in ("equal_step", "equal_batch")}
    assert sizes == {"equal_step": [(16, 2), (4, 8)], "equal_batch": [(4, 2), (4, 8)]}
    assert result["equal_step"][1] == result["equal_batch"][1]  # measured once
    rows = benchmark_tables(Path("benchmarks/results"))["chunk_speed"].rows
    assert [list(row[:4]) for row in rows] == [
        ["tokens per step", "2", "16", "32"],
        ["tokens per step", "8", "4", "32"],
        ["batch", "2", "4", "8"],
        ["batch", "8", "4", "32"],
    ]
    assert {row[-1] for row in rows} == {"1.5"}


def test_changes_are_a_recipe_or_a_section(tokens: Path) -> None:
    Path("section.yaml").write_text(f"train_lm: {LARGE}\n")
    Path("recipe.yaml").write_text(f"params: {{train_lm: {LARGE}}}\n")
    plain = changed_params(Path("params.yaml"), None)
    section, recipe = (changed_params(Path("params.yaml"), Path(f"{name}.yaml")) for name in ("section", "recipe"))
    assert section == recipe and list(plain["train_lm"]) == ["small"]
    assert chosen_names(section, []) == ["small", "large"] and chosen_names(section, ["large"]) == ["large"]
    with pytest.raises(InputError, match="--names: expected one of small, found lstm"):
        chosen_names(plain, ["lstm"])
    Path("empty.yaml").write_text("params: {}\n")
    with pytest.raises(InputError, match=r"empty.yaml: params.train_lm: expected a key of params"):
        changed_params(Path("params.yaml"), Path("empty.yaml"))


def test_memory_contains_what_a_step_stores(tokens: Path) -> None:
    """Logits, log-softmax and its gradient are 3 V floats for each of the 1,024 x 64 tokens: 9 MiB."""
    params = with_chunks(changed_params(Path("params.yaml"), None), "small", {"wide": (1024, 64)})
    with params_file(params) as file:
        wide = memory_in_child("wide", tokens, file)["peak_mib"]
    assert 1024 * 64 * 3 * V * 4 / 2**20 < wide < 100
