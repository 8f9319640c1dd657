"""Readers of trained networks and of checkpoints."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from gradus.api import load
from gradus.artifacts.seals import write_seal
from gradus.device import Device
from gradus.errors import InputError, RunError
from gradus.evaluation.cross_entropy import make_score, tally
from gradus.evaluation.history import read_history
from gradus.evaluation.neural import ScoringConfig, line_nats
from gradus.families.language_models import open_folder
from gradus.families.networks import NeuralFolder
from gradus.families.translation_models import open_translator
from gradus.inference.sentences import decode_sentences
from gradus.inference.translation import source_sentences
from gradus.layers.recurrence.lstm import LSTMConfig
from gradus.networks.language_models.build import LanguageModelDescription, build_lm
from gradus.networks.language_models.transformer import TransformerConfig
from gradus.networks.translation_models.build import TranslationModelDescription, build_mt
from gradus.networks.translation_models.parts import Sizes, TokenizerSums
from gradus.networks.translation_models.seq2seq import AttentionConfig, Seq2SeqConfig
from gradus.networks.translation_models.transformer import TranslationTransformerConfig
from gradus.text.pairs import Lines
from gradus.training.checkpoint import MARK, Checkpoint
from gradus.training.loop import train
from gradus.training.model_folder import write_trained
from gradus.training.optim import TrainingConfig
from gradus.training.parts import Part
from gradus.training.run import Epoch
from gradus.weights import NETWORK
from tests.fuzz.ngram_targets import STRATEGIES, asked, walked
from tests.fuzz.runner import Target
from tests.fuzz.samples import IDS, TOKENIZER, made_model, require, reseal

SCORING = ScoringConfig(stride=4, chunk=8, batch=4)


EPOCHS = [Epoch(5, 2.5, 2.0, 0.1, 1.0, 1.5, 1.0, 0.0), Epoch(10, 2.0, 1.5, 0.1, 1.0, 1.5, 1.0, 0.0)]


LMS = {
    "lstm": LSTMConfig(
        kind="lstm", embedding=4, hidden=4, layers=1, dropout=0.0, tied=False, initial="uniform", skip="none"
    ),
    "transformer": TransformerConfig(
        kind="transformer",
        width=4,
        heads=2,
        layers=1,
        feedforward=4,
        positions="learned",
        window=8,
        dropout=0.0,
        tied=True,
    ),
}


MTS = {
    "attention": Seq2SeqConfig(
        kind="recurrent",
        cell="gru",
        bidirectional=True,
        embedding=4,
        hidden=4,
        layers=1,
        dropout=0.0,
        tied=False,
        packed=False,
        attention=AttentionConfig(score="additive", position="before"),
    ),
    "transformer": TranslationTransformerConfig(
        kind="transformer", width=4, heads=2, layers=1, feedforward=4, dropout=0.0, tied=True
    ),
}


DEVICE = Device(kind="cpu", name="portable kernels")


def _make_networks(folder: Path) -> None:
    torch.manual_seed(1)
    for name in LMS:
        write_language_model(folder / name, name)


def write_language_model(folder: Path, name: str) -> None:
    """Write a language model of `LMS`."""
    config = LMS[name]
    about = LanguageModelDescription(
        network=config,
        vocabulary_size=TOKENIZER.size,
        tokenizer_sha256=TOKENIZER.sha256,
        device=DEVICE,
        parameters=1,
    )
    write_trained(made_model(folder), build_lm(config, TOKENIZER.size), EPOCHS, about, about)
    write_seal(folder, NETWORK)


def _read_networks(folder: Path) -> object:
    return [_read_network(folder / name) for name in LMS]


def _read_network(folder: Path) -> object:
    opened = open_folder(folder)
    if not isinstance(opened, NeuralFolder):
        raise InputError(folder, expected="a network", found="n-grams", remedy="none")
    model = opened.model(torch.device("cpu"))
    cost = tally(line_nats(model, IDS, SCORING))
    step, _ = opened.step(torch.device("cpu"))
    return opened.kind, read_history(folder / "history.csv"), make_score(cost), walked(step), asked(folder)


def _make_translators(folder: Path) -> None:
    for name in MTS:
        write_translator(folder / name, name)


def write_translator(folder: Path, name: str) -> None:
    """Write one of `MTS`, not trained."""
    torch.manual_seed(1)
    sizes, sums = Sizes(TOKENIZER.size, TOKENIZER.size, True), TokenizerSums(TOKENIZER.sha256, TOKENIZER.sha256)
    about = TranslationModelDescription(
        network=MTS[name], vocabulary_sizes=sizes, tokenizer_sha256=sums, device=DEVICE, parameters=1
    )
    write_trained(made_model(folder), build_mt(MTS[name], sizes), EPOCHS, about, about)
    write_seal(folder, NETWORK)


def _read_translators(folder: Path) -> object:
    return [_read_translator(folder / name) for name in MTS]


def _read_translator(folder: Path) -> object:
    opened = open_translator(folder)
    lines = Lines(opened.src.encode_lines(["a b", "c"]), np.array([0, 3, 5]))
    sentences = source_sentences(opened.model, lines, torch.device("cpu"), batch=2, max_length=5)
    hypotheses = [
        found
        for strategy in STRATEGIES
        for found in decode_sentences(sentences, strategy, torch.Generator().manual_seed(1))
    ]
    require(all(math.isfinite(hypothesis.log_prob) for hypothesis in hypotheses), "a log-probability")
    translations = load(folder).translate("a zebra\n\nb", max_length=5)
    return hypotheses, [opened.tgt.decode(hypothesis.content) for hypothesis in hypotheses], translations


TRAINING = TrainingConfig(
    optimizer="adamw",
    learning_rate=0.05,
    weight_decay=0.0,
    schedule="plateau",
    warmup_steps=0,
    precision="float32",
    average="none",
    clip_by="norm",
    clip=1.0,
    epochs=3,
    patience=3,
)


class _Regression:
    """Fit y = the sum of x with dropout on x, so that the random generator matters."""

    steps_per_epoch, uniform_nats = 2, 100.0
    parts: Mapping[str, Part] = {}

    def __init__(self, model: nn.Module, stop: bool) -> None:
        self.model, self.stop = model, stop

    def batches(self, epoch: int, start: int = 0) -> Iterator[Tensor]:
        for step, batch in enumerate(torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(epoch))):
            if self.stop and (epoch, step) == (2, 1):
                raise KeyboardInterrupt
            if step >= start:
                yield batch

    def loss(self, batch: Tensor) -> tuple[Tensor, int]:
        error = self.model(nn.functional.dropout(batch, 0.2)).squeeze(1) - batch.sum(1)
        return (error**2).sum(), len(batch)

    @torch.no_grad()
    def validate(self) -> tuple[float, int]:
        return float(((self.model(torch.eye(3)).squeeze(1) - 1) ** 2).sum()), 3


def _trained(checkpoint: Checkpoint | None, stop: bool = False) -> object:
    torch.manual_seed(3)
    model = nn.Linear(3, 1)
    epochs = train(model, _Regression(model, stop), TRAINING, checkpoint=checkpoint)
    return epochs, [parameter.detach().numpy().tobytes() for parameter in model.parameters()]


@cache
def _whole() -> object:
    return _trained(None)


def _make_checkpoint(folder: Path) -> None:
    with suppress(KeyboardInterrupt):
        _trained(Checkpoint(folder / "run.checkpoint", seconds=0), stop=True)


def _read_checkpoint(folder: Path) -> object:
    """Resume a training; one whose checkpoint is refused must be whole when it is run again."""
    try:
        return _trained(Checkpoint(folder / "run.checkpoint"))
    except (InputError, RunError):
        require(
            _trained(Checkpoint(folder / "run.checkpoint")) == _whole(),
            "another result after the checkpoint was refused",
        )
        raise


def _reseal_checkpoint(folder: Path) -> None:
    path = folder / "run.checkpoint"
    if path.is_file() and not path.is_symlink():
        _, _, content = path.read_bytes().partition(b"\n")
        path.write_bytes(MARK + hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


TARGETS = {
    "networks": Target(_make_networks, _read_networks, reseal(*((name, NETWORK) for name in LMS)), cases=60),
    "translators": Target(_make_translators, _read_translators, reseal(*((name, NETWORK) for name in MTS)), cases=60),
    "checkpoint": Target(_make_checkpoint, _read_checkpoint, _reseal_checkpoint, cases=100),
}
