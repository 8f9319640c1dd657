"""The benchmark of language models: it reads the example's output, and counts operations."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from benchmarks.lm_networks import PRECISIONS, example_network, families, training_flops
from benchmarks.lm_peer import OURS, Example, Shape
from gradus.errors import InputError, RunError
from gradus.networks.language_models.build import LMConfig, build_lm
from gradus.numerics import VARIABLE
from gradus.params import validated
from gradus.runtime import weightless
from stages.train_lm import TrainLMConfig

PROGRAM = """
import os, sys, time
assert "ATEN_CPU_CAPABILITY" not in os.environ and "OMP_WAIT_POLICY" not in os.environ
assert sys.argv[sys.argv.index("--nhid") + 1] == "8" and "--tied" in sys.argv
for batch in (50, 100, 150):
    print(f"| epoch   1 | {batch:5d}/  150 batches | lr 20.00 | ms/batch {2 * batch:5.2f} | loss  7.23 | ppl  1374.81")
for epoch in (1, 2):
    print(f"| end of epoch   {epoch} | time: 12.50s | valid loss  5.32 | valid ppl   {200 / epoch:.2f}")
    time.sleep(0.2)
"""
SHAPE = Shape(hidden=8)


@pytest.fixture
def example(tmp_path: Path) -> Example:
    for name, text in (("main.py", PROGRAM), ("model.py", ""), ("data.py", "")):
        (tmp_path / name).write_text(text)
    return Example(tmp_path, tmp_path, 1)


def test_the_times_of_the_example_are_read_from_its_output(example: Example) -> None:
    example.require()
    assert example.steps(SHAPE, 100)["seconds"] == pytest.approx(50 * 0.2 + 50 * 0.3)  # the first 50 are the warm-up
    found = example.epoch(SHAPE)
    assert (found["seconds"], found["valid_perplexity"]) == (12.5, 200)
    (first, second) = example.curve(SHAPE, 0.15)
    assert first[1] == 200 and second[1] == 100
    assert first[0] < second[0]


def test_the_example_runs_with_the_user_s_kernels_not_with_those_of_gradus(example: Example) -> None:
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"  # the import of gradus has set it
    assert example.epoch(SHAPE)["seconds"] == 12.5  # the program checks its environment
    code = "import os; old = dict(os.environ); import gradus; print(*{k for k in os.environ if k not in old})"
    bare = {name: value for name, value in os.environ.items() if name not in OURS}
    done = subprocess.run([sys.executable, "-c", code], env=bare, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == OURS - {VARIABLE}


def test_an_example_that_ends_early_or_is_none_is_refused(example: Example) -> None:
    with pytest.raises(RunError, match="ended before the timed steps"):
        example.steps(SHAPE, 150)
    (example.folder / "data.py").unlink()
    with pytest.raises(InputError, match=r"expected data.py of PyTorch's example, found none; name the folder"):
        example.require()


@pytest.mark.parametrize(
    ("kind", "products"),
    [  # V = 50, width 8, two layers; the matrix of the output layer has 50 * 8 numbers
        ("ffnn", 4 * 8 * 8 + 50 * 8),
        ("rnn", 2 * 2 * 8 * 8 + 50 * 8),
        ("gru", 2 * 2 * 3 * 8 * 8 + 50 * 8),
        ("lstm", 2 * 2 * 4 * 8 * 8 + 50 * 8),
        ("min_gru", 2 * 2 * 8 * 8 + 50 * 8),
        ("transformer", 2 * (4 + 8) * 8 * 8 + 50 * 8 + 2 * 2 * 8 * 35 // 2),
    ],
)
def test_operations_are_six_per_weight_and_token(kind: str, products: int) -> None:
    settings = families(SHAPE)[f"{kind}_float32"]
    config: LMConfig = TypeAdapter(LMConfig).validate_json(json.dumps(settings["network"]))
    with weightless():
        assert training_flops(build_lm(config, 50), 35) == 6 * products


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_network_of_the_comparison_is_that_of_the_example(precision: str) -> None:
    settings = validated(example_network(SHAPE, precision), "x: train_lm.one", TrainLMConfig)
    assert (settings.network.kind, settings.training.precision, settings.training.batch) == ("lstm", precision, 20)
