"""A training that does not fit is refused before its first step; estimates are below the memory really used."""

import json
import math
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from gradus.errors import InputError
from gradus.interfaces.language_model import LanguageModel
from gradus.networks.language_models.build import LMConfig, build_lm
from gradus.networks.translation_models.build import MTConfig, build_mt
from gradus.networks.translation_models.parts import Sizes
from gradus.text.pairs import Lines, Pairs
from gradus.text.special import EOS_ID
from gradus.text.token_ids import line_starts
from gradus.training.lm import LMTask, LMTrainingConfig
from gradus.training.mt import TranslationTask, TranslationTraining
from gradus.training.penalties import Penalties
from gradus.training.training_memory import output_floats

V = 20
PLAIN = {"initial": "uniform", "skip": "none"}
LSTM = {"kind": "lstm", "embedding": 8, "hidden": 16, "layers": 1, "dropout": 0.0, "tied": False, **PLAIN}
ATTENTION = {
    **{"kind": "recurrent", "cell": "gru", "bidirectional": True, "embedding": 8, "hidden": 16, "layers": 1},
    **{"dropout": 0.0, "tied": False, "packed": False, "attention": {"score": "general", "position": "after"}},
}
NO_PENALTIES = Penalties(activation=0.0, temporal=0.0)
READING = {"carry_state": True, "read": "stream", "chunk_jitter": 0.0, "penalties": NO_PENALTIES}
COMMON = {
    **{
        "optimizer": "adamw",
        "learning_rate": 0.01,
        "weight_decay": 0.0,
        "schedule": "constant",
        "warmup_steps": 0,
        "precision": "float32",
        "average": "none",
    },
    **{"clip_by": "norm", "clip": 1.0, "epochs": 1, "patience": 1},
}
LINE = [*range(4, 13), EOS_ID]
IDS = np.array(LINE * 100, dtype=np.uint16)


def lm_task(network: dict[str, Any] = LSTM, vocabulary: int = V, **changes: Any) -> LMTask:
    config: LMConfig = TypeAdapter(LMConfig).validate_json(json.dumps(network))
    training = LMTrainingConfig(**(COMMON | READING | {"batch": 10, "chunk": 20} | changes))
    model: LanguageModel = build_lm(config, vocabulary)
    return LMTask(model, IDS, IDS, training, seed=1)


def mt_task(vocabulary: int = V, **changes: Any) -> TranslationTask:
    config: MTConfig = TypeAdapter(MTConfig).validate_json(json.dumps(ATTENTION))
    keys = {"batch_tokens": 200, "short_first": 0, "label_smoothing": 0.0, "teacher_forcing": 1.0}
    pairs = Pairs(Lines(IDS, line_starts(IDS)), Lines(IDS, line_starts(IDS)))
    model = build_mt(config, Sizes(vocabulary, vocabulary, True))
    return TranslationTask(model, pairs, pairs, TranslationTraining(**(COMMON | keys | changes)), seed=1)


def test_a_uniform_guess_costs_the_logarithm_of_the_types_without_pad_and_bos() -> None:
    assert lm_task().uniform_nats == mt_task().uniform_nats == pytest.approx(math.log(18))


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that sets the free memory; call it after the model is built."""
    return lambda size: monkeypatch.setattr("gradus.training.training_memory.free_memory", lambda device: size)


def fits(caught: pytest.ExceptionInfo[InputError]) -> int:
    return int(re.findall(r"at most (\d+), for", str(caught.value))[0])


def test_what_fits_of_a_batch_or_a_chunk_is_said(free: Any) -> None:
    free(300_000)
    with pytest.raises(InputError, match="^training.batch: expected at most .* of free memory, found 40, wh"):
        lm_task(batch=40)
    with pytest.raises(InputError, match="^training.chunk: expected at most .* found 1000, which needs") as caught:
        lm_task(batch=1, chunk=10**9)  # the text has 1000 tokens
    free(499_999_999)
    lm_task(batch=1, chunk=10**9)
    free(300_000)
    lm_task(batch=1, chunk=fits(caught))
    with pytest.raises(InputError, match="^training.batch_tokens: expected at most .* found 1000, which needs"):
        mt_task(batch_tokens=10**9)
    mt_task()


@pytest.mark.parametrize(("optimizer", "copies"), [("adamw", 3), ("sgd", 1)])
def test_gradients_and_moments_count(free: Any, optimizer: str, copies: int) -> None:
    parameters = sum(parameter.numel() for parameter in lm_task().model.parameters())
    free(copies * parameters * 4 - 1)
    with pytest.raises(InputError, match=f"^parameters of the network: expected at most {parameters - 1}, for"):
        lm_task(optimizer=optimizer)


@pytest.mark.parametrize(("task", "tied"), [(lm_task, False), (lm_task, True), (mt_task, False)])
def test_a_vocabulary_is_named_if_its_gradients_and_moments_do_not_fit(task: Any, tied: bool, free: Any) -> None:
    """Gradients and two moments are 12 bytes per weight, and every type has at least 8 weights."""
    network = {"network": LSTM | {"tied": tied}, "batch": 2} if task is lm_task else {"batch_tokens": 20}
    free(5_000_000)
    found = "^vocabulary: expected at most .*, found 100000, which needs "
    with pytest.raises(InputError, match=found) as caught:
        task(vocabulary=100_000, **network)
    task(vocabulary=fits(caught), **network)
    with pytest.raises(InputError, match="^training.batch.*: expected at most "):
        task(vocabulary=fits(caught) + 1, **network)
    assert fits(caught) > 5_000


def test_the_vocabulary_limits_what_the_output_layer_stores() -> None:
    """Logits of a block: all positions of a small batch, half of the buffer of 2^23 floats, or one position."""
    assert output_floats(100, 30) == 3_000
    assert output_floats(100_000, 10_000) == 2**22
    assert output_floats(100, 10**7) == 10**7


MEASURE = """
import sys
import numpy as np, torch
import gradus.training.training_memory as memory
from gradus.errors import InputError
from gradus.networks.language_models.build import build_lm, LMConfig
from gradus.training.lm import LMTask, LMTrainingConfig
from gradus.training.loop import train
from gradus.training.penalties import Penalties
from gradus.params import validated

def resident(kind):
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith(kind))

network, vocabulary, batch, chunk = eval(sys.argv[1]), *map(int, sys.argv[2:])
common = {"optimizer": "adamw", "learning_rate": 1e-3, "weight_decay": 0.0, "schedule": "constant", "warmup_steps": 0,
          "precision": "float32",
          "average": "none",
          "clip_by": "norm", "clip": 1.0, "epochs": 1, "patience": 1, "carry_state": True, "read": "stream",
          "chunk_jitter": 0.0, "penalties": Penalties(activation=0.0, temporal=0.0)}
config = LMTrainingConfig(**common, batch=batch, chunk=chunk)
ids = np.random.default_rng(1).integers(4, vocabulary, 2 * batch * chunk).astype(np.uint16)
torch.set_num_threads(1)
model = build_lm(validated(network, "", LMConfig), vocabulary)
open("/proc/self/clear_refs", "w").write("5")  # the peak begins anew
before = resident("VmRSS")
train(model, LMTask(model, ids, ids[: 4 * batch], config, seed=1), config)
print(resident("VmHWM") - before)
low, high = 0, 10**12
while high - low > 10**5:
    memory.free_memory = lambda device: (low + high) // 2
    try:
        LMTask(model, ids, ids[: 4 * batch], config, seed=1)
        high = (low + high) // 2
    except InputError:
        low = (low + high) // 2
print(high)
"""
WIDE = {"embedding": 128, "hidden": 128, "dropout": 0.0, "tied": False}
NETWORKS = {
    "lstm": {"kind": "lstm", "layers": 2, **WIDE, **PLAIN},
    "gru": {"kind": "gru", "reset": "before", "layers": 2, **WIDE, **PLAIN},
    "ffnn": {"kind": "ffnn", "window": 2, **WIDE},
    "transformer": {
        **{"kind": "transformer", "width": 128, "heads": 4, "layers": 2, "feedforward": 256, "window": 64},
        **{"positions": "sinusoidal", "dropout": 0.0, "tied": False},
    },
}


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize(
    ("name", "vocabulary", "batch"),
    [("lstm", 10_000, 16), ("ffnn", 10_000, 16), ("gru", 30, 128), ("transformer", 30, 128)],
)
def test_the_estimate_is_below_the_peak_and_not_far_below(name: str, vocabulary: int, batch: int) -> None:
    command = [sys.executable, "-c", MEASURE, str(NETWORKS[name]), str(vocabulary), str(batch), "64"]
    peak, estimate = map(int, subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())
    assert 0.15 * peak < estimate < peak
