"""Train a language model for a few steps, to measure the time and the memory of the steps."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gradus.networks.language_models.build import build_lm
from gradus.progress import Item, Track, silent
from gradus.runtime import RuntimeConfig, prepare
from gradus.text.token_ids import open_tokens
from gradus.training.lm import LMTask, read_texts
from gradus.training.loop import train
from gradus.weights import count_parameters
from stages.train_lm import TrainLMConfig

WARMUP_STEPS = 10
"""Number of optimizer steps at the start of every training that are not timed."""


@dataclass(frozen=True)
class Timing:
    """Time that the timed steps of one training took."""

    tokens: int
    """Number of tokens that these steps read."""
    seconds: float
    """Wall-clock time."""
    cpu_seconds: float
    """Time that the threads of this process computed; other processes of the machine hardly change it."""


def step_tokens(config: TrainLMConfig) -> int:
    """Return B T, the number of tokens that one step reads."""
    return config.training.batch * config.training.chunk


def train_steps(
    config: TrainLMConfig, tokens: Path, runtime: RuntimeConfig, steps: int, *, epochs: int = 1, track: Track = silent
) -> int:
    """Train a new network, with the loop of the stage `train_lm`; return its number of weights.

    Args:
        config: network and training settings. The number of epochs and the patience are replaced.
        tokens: folder of token ids that `tokenize` wrote.
        runtime: seed, threads and device.
        steps: number of steps per epoch.
        epochs: number of epochs.
        track: receives the batches of every epoch.
    Raises:
        InputError: if the folder is damaged, or the network or a step does not fit into memory.
    """
    vocabulary_size = open_tokens(tokens).tokenizer().size
    device = prepare(runtime)  # before the network is built, because this seeds its initial weights
    model = build_lm(config.network, vocabulary_size).to(device)
    # A text of this length has exactly `steps` chunks, and none of them is padded. A shorter text is repeated.
    text = np.resize(read_texts(tokens)[0], steps * step_tokens(config))
    training = replace(config.training, epochs=epochs, patience=epochs)
    task = LMTask(model, text, text[: step_tokens(config)], training, seed=runtime.seed)
    train(model, task, training, track=track)
    return count_parameters(model)


def time_steps(config: TrainLMConfig, tokens: Path, runtime: RuntimeConfig, read: int) -> Timing:
    """Train a new network; return the time of the steps after the warm-up, which read at least `read` tokens."""
    stopwatch, steps = _Stopwatch(), -(-read // step_tokens(config))
    train_steps(config, tokens, runtime, WARMUP_STEPS + steps, track=stopwatch)
    return Timing(steps * step_tokens(config), *stopwatch.elapsed())


class _Stopwatch:
    """`Track` that measures the time of an epoch's steps after the warm-up."""

    def __init__(self) -> None:
        self.start = self.end = (0.0, 0.0)

    def __call__(self, items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
        """Yield the batches. The loop asks for a batch only when the step of the previous batch is finished."""
        for number, item in enumerate(items):
            if number == WARMUP_STEPS:
                self.start = _now()
            yield item
        self.end = _now()

    def elapsed(self) -> tuple[float, float]:
        """Return the wall-clock time and the processor time in seconds."""
        return self.end[0] - self.start[0], self.end[1] - self.start[1]


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()
