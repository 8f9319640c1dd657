"""A network that does not fit is refused within a second; the error names a size and the largest value that fits."""

import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from gradus.errors import InputError
from gradus.layers.recurrence.table import CELLS
from gradus.networks.language_models.build import LMConfig, build_lm
from gradus.networks.translation_models.build import MTConfig, build_mt
from gradus.networks.translation_models.parts import Sizes
from gradus.networks.weight_memory import require_weights_memory, weight_bytes

V = 50
COMMON = {"dropout": 0.0, "tied": False}
OPTIONS = {"rnn": {"nonlinearity": "tanh"}, "gru": {"reset": "after"}}
SIZED = {"embedding": 8, "hidden": 12, "layers": 3, **COMMON}
RECURRENT = {**SIZED, "initial": "uniform", "skip": "none"}
TRANSFORMER = {"kind": "transformer", "width": 8, "heads": 2, "layers": 3, "feedforward": 16, **COMMON}
MT: dict[str, Any] = {"kind": "recurrent", "cell": "gru", "bidirectional": True, "packed": False, **SIZED}
CONFIGS: dict[str, dict[str, Any]] = {
    "ffnn": {"kind": "ffnn", "window": 3, "embedding": 8, "hidden": 12, **COMMON},
    **{kind: {"kind": kind, **OPTIONS.get(kind, {}), **RECURRENT} for kind in CELLS},
    "gru_before": {"kind": "gru", "reset": "before", **RECURRENT},
    "lstm_tied": {"kind": "lstm", **RECURRENT, "tied": True},
    "lstm_residual": {"kind": "lstm", **RECURRENT, "embedding": 12, "initial": "orthogonal", "skip": "residual"},
    "gru_columns": {"kind": "gru", "reset": "before", **RECURRENT, "initial": "orthogonal_columns"},
    "transformer": {**TRANSFORMER, "positions": "learned", "window": 9},
    "sinusoidal": {**TRANSFORMER, "positions": "sinusoidal", "window": 9},
    "mt_plain": {**MT, "attention": "none"},
    "mt_additive": {**MT, "attention": {"score": "additive", "position": "before"}},
    "mt_general": {**MT, "attention": {"score": "general", "position": "after"}},
    "mt_transformer": {**TRANSFORMER, "tied": True},
}
SIZES = [
    (name, size)
    for name, config in CONFIGS.items()
    for size in ("embedding", "hidden", "width", "feedforward", "window")
    if size in config
]


def read(name: str, **changes: Any) -> Any:
    kind: Any = MTConfig if name.startswith("mt_") else LMConfig
    return TypeAdapter(kind).validate_json(json.dumps(CONFIGS[name] | changes))


def build(config: Any, name: str) -> torch.nn.Module:
    return build_mt(config, Sizes(V, V, True)) if name.startswith("mt_") else build_lm(config, V)


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("layers", [1, 2, 5])
def test_bytes_are_those_of_the_network_and_no_random_number_is_drawn(name: str, layers: int) -> None:
    config = read(name) if name == "ffnn" else replace(read(name), layers=layers)
    model = build(config, name)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    found = weight_bytes(config, lambda smaller: build(smaller, name))
    assert found == sum(tensor.nbytes for tensor in [*model.parameters(), *model.buffers()])
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_a_size_beyond_any_memory_is_named_with_one_that_fits(
    name: str, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradus.memory.available_memory", lambda: 10**7)
    largest = 10**6 if (name, size) == ("ffnn", "window") else 10**9
    with pytest.raises(InputError) as caught:
        build(read(name, **{size: largest}), name)
    line = str(caught.value)
    assert line.startswith(f"network.{size}: expected at most ") and f"found {largest}, which needs" in line
    fits = int(re.findall(r"at most (\d+)", line)[0])

    def weigh(value: int) -> int:
        config = read(name)
        object.__setattr__(config, size, value)  # a width need not be a multiple of the heads here
        return weight_bytes(config, lambda smaller: build(smaller, name))

    assert weigh(fits) <= 10**7
    monkeypatch.setattr("gradus.memory.available_memory", lambda: 10**9)
    assert weigh(fits + 1) > 10**7


@pytest.mark.parametrize("name", ["lstm", "transformer", "mt_additive", "mt_transformer"])
def test_a_thousand_wide_layers_are_refused_within_a_second(name: str) -> None:
    width = "width" if "transformer" in name else "hidden"
    begin = time.process_time()
    with pytest.raises(InputError, match=f"network.{width}: expected at most "):
        build(read(name, layers=1000, **{width: 2**16}), name)
    assert time.process_time() - begin < 1


def test_a_network_that_fits_is_built() -> None:
    require_weights_memory(read("lstm"), build_lm, V)


@pytest.mark.parametrize("name", ["lstm", "lstm_tied", "transformer", "mt_additive", "mt_transformer"])
def test_a_vocabulary_that_does_not_fit_is_named_with_one_that_fits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is too large only because of its vocabulary: its settings are those that fit above."""

    def build_with(size: int) -> torch.nn.Module:
        return build_mt(read(name), Sizes(size, size, True)) if name.startswith("mt_") else build_lm(read(name), size)

    monkeypatch.setattr("gradus.memory.available_memory", lambda: 10**6)
    found = (
        r"^vocabulary: expected at most (\d+), for 1 MB of free memory, found 2000000000, which needs \S+ GB; lower it$"
    )
    with pytest.raises(InputError, match=found) as caught:
        build_with(2 * 10**9)
    largest = int(re.findall(found, str(caught.value))[0])
    built = build_with(largest)
    assert 0.95 * 10**6 < sum(tensor.nbytes for tensor in [*built.parameters(), *built.buffers()]) <= 10**6
    with pytest.raises(InputError, match=f"^vocabulary: expected at most {largest},"):
        build_with(largest + 1)


def test_weighing_imports_next_to_nothing() -> None:
    """A random draw on the meta device would import torch's compiler, which takes one or two seconds."""
    code = f"""
import sys
from gradus.networks.language_models.build import LMConfig, build_lm
from gradus.networks.translation_models.build import MTConfig, build_mt
from gradus.networks.translation_models.parts import Sizes
from gradus.params import validated
for name, config in {CONFIGS!r}.items():
    if name.startswith("mt_"):
        build_mt(validated(config, name, MTConfig), Sizes(50, 50, True))
    else:
        build_lm(validated(config, name, LMConfig), 50)
assert "torch._dynamo" not in sys.modules and "sympy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
