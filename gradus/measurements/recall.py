"""Measure over how many tokens a network can learn to remember a symbol."""

from collections.abc import Callable
from dataclasses import dataclass as plain_dataclass
from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.interfaces.language_model import LanguageModel
from gradus.measurements.file import Measured
from gradus.measurements.fresh import fresh_network
from gradus.measurements.subject import Subject
from gradus.memory import require_memory
from gradus.params import STRICT
from gradus.runtime import free_memory
from gradus.text.special import SPECIAL
from gradus.training.clipping import clipped_step
from gradus.training.optim import TrainingConfig, build_optimizers


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RecallConfig:
    """Settings of the measurement `recall`."""

    kind: Literal["recall"]
    distances: Annotated[list[Annotated[int, Field(ge=1, le=10**5)]], Field(min_length=1, max_length=100)]
    """Numbers of tokens from the symbol to the query, in rising order."""
    symbols: Annotated[int, Field(ge=2, le=10**6)]
    """K, number of symbols. A random guess is right with probability 1 / K."""
    noise: Annotated[int, Field(ge=1, le=10**6)]
    """Number of different tokens that fill the distance."""
    continued: bool
    """Whether the training at a distance begins with the weights of the distance before. If not, each begins anew.

    Short distances first help the training: a new LSTM of 128 units needed 470 steps to learn a distance of 10. After
    40 steps at distance 3, it needed 10.
    """
    steps: Annotated[int, Field(ge=1, le=10**7)]
    """Largest number of optimizer steps per distance."""
    batch: Annotated[int, Field(ge=1, le=10**6)]
    """Number of sequences of a step."""
    learning_rate: Annotated[float, Field(gt=0, le=1000)]
    """Constant learning rate of AdamW without weight decay."""
    clip_norm: Annotated[float, Field(ge=0, le=10**9)]
    """Largest allowed global norm of the gradient. 0 means no limit."""
    check_steps: Annotated[int, Field(ge=1, le=10**7)]
    """Number of steps between two checks. The training ends when all symbols of `tests` new sequences are right."""
    tests: Annotated[int, Field(ge=1, le=10**6)]
    """Number of new sequences of a check, and of the final test."""

    def __post_init__(self) -> None:
        if self.distances != sorted(set(self.distances)):
            raise ValueError("distances: rising numbers")

    @property
    def vocabulary_size(self) -> int:
        """V: the special tokens, the symbols, the noise and the query."""
        return len(SPECIAL) + self.symbols + self.noise + 1

    def training(self) -> TrainingConfig:
        """Return the settings of the optimizer."""
        return TrainingConfig(
            optimizer="adamw",
            learning_rate=self.learning_rate,
            weight_decay=0.0,
            schedule="constant",
            warmup_steps=0,
            average="none",
            precision="float32",
            clip_by="norm",
            clip=self.clip_norm,
            epochs=1,
            patience=1,
        )


@plain_dataclass(frozen=True)
class Recall:
    """Result of the recall task at one distance."""

    accuracy: float
    """Share of the test sequences whose most probable answer is the symbol."""
    nats: float
    """Mean negative log-probability of the symbol, in nats."""
    steps: int
    """Number of optimizer steps."""


def measure_recall(subject: Subject, config: RecallConfig) -> Measured:
    """Measure the recall of new networks with the architecture and the sizes of a model; see `recall`.

    The weights of the trained model are not used, because its vocabulary differs from that of the task.

    Raises:
        InputError: if a batch or the weights do not fit into memory.
    """
    network, seed = subject.model.description.network, subject.runtime.seed
    device = torch.device(subject.runtime.device)
    return recall(lambda: fresh_network(network, config.vocabulary_size, seed=seed, device=device), config, seed=seed)


def recall_sequences(
    config: RecallConfig, distance: int, rows: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw sequences of the recall task: a symbol, `distance - 1` tokens of noise, and the query.

    The symbol and the noise are uniform and independent. After the query, the symbol must be named.

    Returns:
        First, the sequences, int64 (rows, distance + 1). Second, the symbols, int64 (rows,).
    """
    first = len(SPECIAL)
    symbols = torch.randint(first, first + config.symbols, (rows,), generator=generator)
    low = first + config.symbols
    noise = torch.randint(low, low + config.noise, (rows, distance - 1), generator=generator)
    query = torch.full((rows, 1), config.vocabulary_size - 1)
    return torch.cat([symbols[:, None], noise, query], dim=1), symbols


def learn_recall(model: LanguageModel, config: RecallConfig, distance: int, generator: torch.Generator) -> Recall:
    """Train a network on the recall task at one distance, and test it on new sequences.

    The loss is the negative log-probability of the symbol after the query; the other positions have no loss. Every step
    draws new sequences, so the network cannot learn them by heart. The optimizer starts anew at every distance.

    Args:
        model: a network with the vocabulary of the task, which is changed in place.
        config: task and training.
        distance: number of tokens from the symbol to the query.
        generator: source of the sequences.
    Raises:
        InputError: if a batch does not fit into memory.

    Source: Hochreiter and Schmidhuber (1997), Long short-term memory, section 5, for the long time lags with noise.
    """
    _require_memory(model, config, distance)
    optimizers = build_optimizers(model, config.training())
    device = next(model.parameters()).device
    for step in range(1, config.steps + 1):
        model.train()
        model.zero_grad(set_to_none=True)
        tokens, symbols = recall_sequences(config, distance, config.batch, generator)
        _answers_loss(model, tokens.to(device), symbols.to(device)).backward()  # type: ignore[no-untyped-call]
        clipped_step(optimizers, "norm", config.clip_norm)
        if step % config.check_steps == 0 and check_recall(model, config, distance, generator)[0] == 1.0:
            break
    accuracy, nats = check_recall(model, config, distance, generator)
    return Recall(accuracy, nats, step)


@torch.no_grad()
def check_recall(
    model: LanguageModel, config: RecallConfig, distance: int, generator: torch.Generator
) -> tuple[float, float]:
    """Return the accuracy and the mean loss, in nats, on `tests` new sequences."""
    model.eval()
    device = next(model.parameters()).device
    right, nats = 0, 0.0
    for begin in range(0, config.tests, config.batch):
        rows = min(config.batch, config.tests - begin)
        tokens, symbols = (part.to(device) for part in recall_sequences(config, distance, rows, generator))
        logits = _answers(model, tokens)
        right += int((logits.argmax(dim=1) == symbols).sum())
        nats += F.cross_entropy(logits, symbols, reduction="sum").item()
    return right / config.tests, nats / config.tests


def recall(network: Callable[[], LanguageModel], config: RecallConfig, *, seed: int) -> Measured:
    """Train and test networks on the recall task at every distance.

    Args:
        network: function that builds an untrained network with the vocabulary of the task.
        config: task and training.
        seed: seed of the sequences.
    Returns:
        `recall_D`, `nats_D` and `steps_D` for each distance D, see `Recall`; the lists `distances`, `recall`,
        `nats` and `steps`; and `chance`, the accuracy of a random guess.
    """
    results: list[Recall] = []
    model = network()
    for distance in config.distances:
        if results and not config.continued:
            model = network()
        # Every distance has its own generator, so its sequences do not depend on the steps of the other distances.
        generator = torch.Generator().manual_seed(seed * 1_000_003 + distance)
        results.append(learn_recall(model, config, distance, generator))
    measured: Measured = {"chance": 1 / config.symbols}
    for distance, result in zip(config.distances, results, strict=True):
        measured[f"recall_{distance}"] = result.accuracy
        measured[f"nats_{distance}"] = result.nats
        measured[f"steps_{distance}"] = result.steps
    measured["distances"] = [*config.distances]
    measured["recall"] = [result.accuracy for result in results]
    measured["nats"] = [result.nats for result in results]
    measured["steps"] = [result.steps for result in results]
    return measured


def _answers(model: LanguageModel, tokens: Tensor) -> Tensor:
    """Return the logits after the query, (B, V)."""
    logits: Tensor = model(tokens, model.initial_state(len(tokens)))[0]  # (B, T, V)
    return logits[:, -1]


def _answers_loss(model: LanguageModel, tokens: Tensor, symbols: Tensor) -> Tensor:
    return F.cross_entropy(_answers(model, tokens), symbols)


def _require_memory(model: LanguageModel, config: RecallConfig, distance: int) -> None:
    """Refuse a batch whose logits, 4 bytes per number, do not fit into memory."""
    needed = 4 * model.vocabulary_size
    sizes = {"batch": config.batch, "distances": distance}
    require_memory(sizes, lambda rows, length: needed * rows * length, free_memory(next(model.parameters()).device))
