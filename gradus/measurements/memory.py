"""Measure how many earlier tokens a language model makes use of."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.errors import InputError
from gradus.evaluation.neural import ScoringConfig, batch_nats, stream_nats
from gradus.interfaces.language_model import LanguageModel
from gradus.measurements.file import Measured
from gradus.measurements.subject import Subject
from gradus.params import STRICT
from gradus.text.special import PAD_ID
from gradus.text.streams import inputs_and_targets
from gradus.text.token_ids import read_ids

Positions = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MemoryConfig:
    """Settings of the measurement `memory`."""

    kind: Literal["memory"]
    lengths: Annotated[list[Annotated[int, Field(ge=1, le=10**5)]], Field(min_length=1, max_length=100)]
    """Numbers of tokens of context, in rising order."""
    tokens: Annotated[int, Field(ge=1, le=10**9)]
    """Largest number of test tokens that are scored. They are evenly spaced, and the same for every length."""
    threshold: Annotated[float, Field(gt=0, le=1000)]
    """A context is long enough if the rest of the text would save less than this, nats per token."""
    scoring: ScoringConfig
    """Settings with which the text is scored in its full context; the rows of a batch, too, for short contexts."""

    def __post_init__(self) -> None:
        if self.lengths != sorted(set(self.lengths)):
            raise ValueError("lengths: rising numbers")


def measure_memory(subject: Subject, config: MemoryConfig) -> Measured:
    """Find the shortest context whose cut costs almost nothing.

        cost(k) = nats(k) - full_nats

    Here `nats(k)` is the mean of -ln P(w_t | w_(t-k) .. w_(t-1)) over the scored tokens: the network starts from its
    initial state and reads exactly k tokens. In `full_nats`, the same tokens are scored in the stream of the whole
    text. If k is at least the window of a Transformer, `nats(k)` is `full_nats`, because the stream is read in such
    windows, too.

    Returns:
        `tokens`: number of scored tokens. `lengths`, `nats` and `costs`: every k, and its nats and its cost per token.
        `full_nats`: nats per token. `memory_length`: the smallest length in the list from which on every length costs
        less than `threshold`, in tokens. If even the greatest length costs more, this key is missing, and
        `longer_than` has that length.
    Raises:
        InputError: if the test text is shorter than the longest context, or a forward pass does not fit into memory.
    """
    ids, longest = read_ids(subject.tokens, "test"), config.lengths[-1]
    if len(ids) < longest:
        expected, found = f"at least {longest} test tokens, the longest context", str(len(ids))
        raise InputError(subject.tokens, expected=expected, found=found, remedy="shorten the lengths")
    # The first input of a text is EOS, so the target at position k - 1 is the first with k inputs.
    places = np.linspace(longest - 1, len(ids) - 1, min(config.tokens, len(ids) - longest + 1)).astype(np.int64)
    model = subject.model.model(torch.device(subject.runtime.device))
    full_nats = float(stream_nats(model, ids, config.scoring)[places].mean())
    # Alone, the last position of the window says more about positions than about memory: a Transformer with a window
    # of 64 lost 0.04 nats there, against the mean of positions 33 to 64.
    whole = model.window or longest + 1
    batch = config.scoring.batch
    nats = [full_nats if k >= whole else _mean_nats(model, ids, places, k, batch) for k in config.lengths]
    costs = [each - full_nats for each in nats]
    measured: Measured = {"tokens": len(places), "lengths": [*config.lengths], "nats": nats, "full_nats": full_nats}
    return measured | {"costs": costs} | memory_length(config.lengths, costs, config.threshold)


def memory_length(lengths: Sequence[int], costs: Sequence[float], threshold: float) -> Measured:
    """Return `memory_length`, the smallest length from which on all costs are below the threshold, or `longer_than`."""
    long_enough = [length for at, length in enumerate(lengths) if max(costs[at:]) < threshold]
    return {"memory_length": long_enough[0]} if long_enough else {"longer_than": lengths[-1]}


@torch.inference_mode()
def _mean_nats(model: LanguageModel, ids: NDArray[Any], places: Positions, length: int, batch: int) -> float:
    """Return the mean nats of the tokens at `places`, each after the last `length` tokens before it."""
    flat, targets = inputs_and_targets(ids)
    back = np.arange(length)[::-1]
    nats = []
    for begin in range(0, len(places), batch):
        rows = places[begin : begin + batch]
        masked = np.full((len(rows), len(back)), PAD_ID, np.int64)
        masked[:, -1] = targets[rows]
        inputs = flat[rows[:, None] - back]  # (rows, length)
        nats.append(batch_nats(model, torch.from_numpy(inputs), torch.from_numpy(masked)))
    return float(np.concatenate(nats).mean())
