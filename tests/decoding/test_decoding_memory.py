"""Requests that do not fit into memory are refused before decoding starts; requests that fit are not."""

import json
import math
import subprocess
import sys
import time
from dataclasses import asdict

import pytest
import torch
from decoders import GREEDY, beam, sampling

from gradus.choices import kind_of
from gradus.decoding.decode import decode
from gradus.decoding.hypothesis import Request
from gradus.decoding.strategies import STRATEGIES
from gradus.errors import InputError

NUCLEUS = sampling(top_p=0.9)


@pytest.mark.parametrize(
    ("request_", "strategy", "named"),
    [
        (Request(1, 40), beam(10**8), "beam_size: expected at most"),
        (Request(10**9, 40), NUCLEUS, "texts or batch: expected at most"),
        (Request(10**9, 40), GREEDY, "texts or batch: expected at most"),
        (Request(1, 10**12), NUCLEUS, "tokens or max_length: expected at most"),
        (Request(10**9, 10**9), NUCLEUS, "texts or batch: expected at most"),
        (Request(10**9, 10**9), beam(10**9), "beam_size 1000000000, texts or batch 1000000000, tokens or max_length 1"),
    ],
)
def test_sizes_beyond_any_memory_are_refused_at_once(fixed_step, request_, strategy, named):
    begin = time.process_time()
    with pytest.raises(InputError) as caught:
        decode(fixed_step([0.0, 0.1, 0.0, 0.4, 0.5]), request_, strategy, torch.Generator())
    assert str(caught.value).startswith(named)
    assert time.process_time() - begin < 1


def test_the_state_of_a_model_counts(fixed_step, monkeypatch):
    step = fixed_step([0.0, 0.1, 0.0, 0.4, 0.5])
    monkeypatch.setattr("gradus.decoding.decoding_memory.free_memory", lambda device: 10**6)
    decode(step, Request(5, 10), GREEDY, torch.Generator())
    step.state_bytes = lambda length: 50_000 * length
    with pytest.raises(InputError, match="texts or batch: expected at most 1, for 1 MB"):
        decode(step, Request(5, 10), GREEDY, torch.Generator())


MEASURE = """
import json, sys, torch
from gradus.decoding.decoding_memory import require_decoding_memory
from gradus.decoding.decode import decode
from gradus.decoding.hypothesis import Request
from gradus.decoding.strategies import read_strategy
from gradus.errors import InputError

def resident(kind):
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith(kind))

class Uniform:
    first, vocabulary_size = 3, int(sys.argv[4])
    def start(self, batch): return None
    def step(self, tokens, state): return torch.zeros(len(tokens), self.vocabulary_size).log_softmax(1), None
    def select(self, state, rows): return None
    def state_bytes(self, length): return 0

strategy = read_strategy(json.loads(sys.argv[1]), "")
request = Request(int(sys.argv[2]), int(sys.argv[3]), stop_at_eos=False)
decode(Uniform(), Request(2, 2), strategy, torch.Generator())
open("/proc/self/clear_refs", "w").write("5")  # reset the peak
before = resident("VmRSS")
decode(Uniform(), request, strategy, torch.Generator())
print(resident("VmHWM") - before)
import gradus.decoding.decoding_memory as memory
low, high = 0, 10**12
while high - low > 10**5:  # least memory with which the request is accepted
    middle = (low + high) // 2
    memory.free_memory = lambda device: middle
    try:
        require_decoding_memory(Uniform(), request, strategy)
        high = middle
    except InputError:
        low = middle
print(high)
"""


def presets():
    """Yield the strategy of every preset."""
    for strategy in STRATEGIES:
        for preset in strategy.presets:
            yield strategy(kind=kind_of(strategy), **preset.settings)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize(
    ("strategy", "rows", "length", "types"),
    [
        *((strategy, 3000, 2, 5000) for strategy in presets()),
        (GREEDY, 2000, 1000, 20),
        (beam(50), 2000, 3, 5000),
        (beam(20), 400, 500, 50),
    ],
)
def test_the_estimate_is_below_the_peak_and_not_far_below(strategy, rows, length, types):
    texts = rows // math.prod(strategy.widths().values())
    command = [sys.executable, "-c", MEASURE, json.dumps(asdict(strategy)), str(texts), str(length), str(types)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    peak, estimate = map(int, done.stdout.split())
    assert 0.4 * peak < estimate < 1.05 * peak
