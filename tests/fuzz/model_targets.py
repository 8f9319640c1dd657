"""Readers of sealed folders and checkpoints, with small files for them."""

import hashlib
import math
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gradus.artifacts.arrays import write_array
from gradus.artifacts.inputs import read_bytes
from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import SEAL, open_sealed, write_seal
from gradus.corpora.files import CORPUS
from gradus.decoding.decode import decode
from gradus.decoding.hypothesis import Request
from gradus.decoding.records import TEXTS, Record, read_strategies, whole_lines, write_records
from gradus.decoding.sentences import decode_sentences
from gradus.decoding.strategy import Greedy
from gradus.errors import InputError, RunError
from gradus.evaluation.cross_entropy import measures, tally
from gradus.evaluation.details import read_history
from gradus.evaluation.neural import ScoringConfig, line_nats
from gradus.evaluation.scorecard import read_text, scorecard
from gradus.families import (
    NeuralFolder,
    NgramFolder,
    open_folder,
    open_translator,
    require_tokenizer,
    translator_sentences,
)
from gradus.networks.build import build_lm
from gradus.networks.build_mt import build_mt
from gradus.networks.recurrent import LSTMConfig
from gradus.networks.seq2seq import AttentionConfig, Seq2SeqConfig
from gradus.networks.transformer import TransformerConfig
from gradus.networks.translation import Sizes
from gradus.networks.translation_transformer import TranslationTransformerConfig
from gradus.ngram.counts import count_ngrams
from gradus.ngram.jelinek_mercer import JelinekMercerConfig
from gradus.ngram.katz import KatzConfig
from gradus.ngram.kneser_ney import ModifiedKneserNeyConfig
from gradus.ngram.maximum_likelihood import MaximumLikelihoodConfig
from gradus.ngram.model import unseen_share
from gradus.ngram.smoothing import fit
from gradus.ngram.step import NgramStep
from gradus.ngram.storage import COUNTS, MODELS, open_counts, write_counts, write_fit
from gradus.text.pairs import Lines, read_pairs
from gradus.text.sentencepiece_tokenizer import train_sentencepiece
from gradus.text.token_ids import TOKENS, line_starts, open_tokens, read_ids
from gradus.text.tokenized import train_tokenizers, write_tokenized
from gradus.text.tokenizer import load_tokenizer
from gradus.text.tokenizer_config import WordConfig
from gradus.text.tokenizer_folder import VOCABULARY
from gradus.text.word_tokenizer import train_words
from gradus.training.checkpoint import MARK, Checkpoint
from gradus.training.loop import train
from gradus.training.model_folder import write_trained
from gradus.training.optim import TrainingConfig
from gradus.training.run import Epoch
from gradus.weights import NETWORK
from tests.fuzz.runner import Target
from tests.fuzz.text_targets import require, require_plain

SCORING = ScoringConfig(stride=4, chunk=8, batch=4)


def _letters(seed: int, number: int) -> list[str]:
    """Draw lines of the letters a to e, each likely to be followed by the next one."""
    chance = random.Random(seed)
    lines = []
    for _ in range(number):
        at, line = chance.randrange(5), []
        for _ in range(chance.randrange(1, 8)):
            line.append("abcde"[at])
            at = (at + chance.choice([1, 1, 1, 2, 3])) % 5
        lines.append(" ".join(line))
    return lines


LINES = _letters(1, 40)
TOKENIZER = train_words(LINES, 1)
IDS = TOKENIZER.encode_lines([*_letters(2, 8), "a zebra b", ""])


def reseal(*folders: tuple[str, str]) -> Callable[[Path], None]:
    """Return what seals folders anew, given by name and kind of content."""

    def seal(place: Path) -> None:
        for name, kind in folders:
            if (place / name).is_dir():
                with suppress(OSError, InputError):  # a link to what cannot be read, a folder
                    (place / name / SEAL).unlink(missing_ok=True)
                    write_seal(place / name, kind)

    return seal


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _require_log_probs(values: NDArray[Any]) -> None:
    require(bool((values <= 1e-3).all()), f"log-probabilities above 0, or no numbers: {values}")


def _make_counts(folder: Path) -> None:
    ids = TOKENIZER.encode_lines(LINES)
    write_counts(_made(folder / "counts"), count_ngrams(ids, order=3, vocabulary_size=TOKENIZER.size), TOKENIZER.sha256)
    write_seal(folder / "counts", COUNTS)


def _read_counts(folder: Path) -> object:
    counts = open_counts(folder / "counts")
    if counts.trie.vocabulary_size <= IDS.max():
        raise InputError(folder, expected="the words of the text", found="fewer", remedy="none")
    shares = unseen_share(counts, IDS)
    found = []
    for smoother in (
        ModifiedKneserNeyConfig(kind="modified_kneser_ney", prune=[0]),
        KatzConfig(kind="katz", threshold=5),
        JelinekMercerConfig(kind="jelinek_mercer", bucket_tokens=3, tolerance=1e-3, iterations=20),
    ):
        model = fit(smoother, counts, IDS, [counts.order]).model(counts.order)
        scores = model.log_probs(IDS)
        _require_log_probs(scores)
        found.append(scores.tobytes())
    return shares, found


def _make_models(folder: Path) -> None:
    counts = count_ngrams(TOKENIZER.encode_lines(LINES), order=3, vocabulary_size=TOKENIZER.size)
    for name, smoother in (
        ("kneser_ney", ModifiedKneserNeyConfig(kind="modified_kneser_ney", prune=[0])),
        ("mle", MaximumLikelihoodConfig(kind="mle")),
    ):
        write_fit(_made(folder / name), fit(smoother, counts, IDS), TOKENIZER.sha256)
        write_seal(folder / name, MODELS)


def _read_models(folder: Path) -> object:
    return [_read_ngrams(folder / name) for name in ("kneser_ney", "mle")]


def _read_ngrams(folder: Path) -> object:
    opened = open_folder(folder)
    if not isinstance(opened, NgramFolder):
        raise InputError(folder, expected="n-grams", found="a network", remedy="none")
    require_tokenizer(opened, TOKENIZER, folder)
    found = []
    for order in opened.orders:
        model = opened.model(order)
        scores = model.log_probs(IDS)
        require(not np.isnan(scores).any() and not np.isposinf(scores).any(), f"scores {scores}")
        card = measures(tally(-scores))
        found.append((scores.tobytes(), unseen_share(model, IDS), card, _walked(NgramStep(model))))
    return opened.kind, opened.fitted, found


def _walked(step: Any) -> list[bytes]:
    """Return the distributions along a few rows, which must be numbers."""
    state, rows = step.start(3), []
    for tokens in ([step.first] * 3, [4, 5, 3], [6, 1, 4], [3, 4, 5]):
        log_probs, state = step.step(torch.tensor(tokens), state)
        rows.append(log_probs.numpy())
        require(not np.isnan(rows[-1]).any() and not np.isposinf(rows[-1]).any(), f"a distribution {rows[-1]}")
    hypotheses = decode(step, Request(2, 5), Greedy(kind="greedy"), torch.Generator())
    return [*(row.tobytes() for row in rows), repr(hypotheses).encode()]


EPOCHS = [Epoch(5, 2.5, 2.0, 0.1, 1.0, 1.5, 0.0), Epoch(10, 2.0, 1.5, 0.1, 1.0, 1.5, 0.0)]
LMS = {
    "lstm": LSTMConfig(kind="lstm", embedding=4, hidden=4, layers=1, dropout=0.0, tied=False),
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


def _make_networks(folder: Path) -> None:
    torch.manual_seed(1)
    for name, config in LMS.items():
        about = {"vocabulary_size": TOKENIZER.size, "tokenizer_sha256": TOKENIZER.sha256, "network": asdict(config)}
        write_trained(_made(folder / name), build_lm(config, TOKENIZER.size), EPOCHS, about)
        write_seal(folder / name, NETWORK)


def _read_networks(folder: Path) -> object:
    return [_read_network(folder / name) for name in LMS]


def _read_network(folder: Path) -> object:
    opened = open_folder(folder)
    if not isinstance(opened, NeuralFolder):
        raise InputError(folder, expected="a network", found="n-grams", remedy="none")
    require_tokenizer(opened, TOKENIZER, folder)
    model = opened.model(torch.device("cpu"))
    cost = tally(line_nats(model, IDS, SCORING))
    step, _ = opened.step(torch.device("cpu"))
    return opened.kind, read_history(folder / "history.csv"), measures(cost), _walked(step)


def _make_translators(folder: Path) -> None:
    torch.manual_seed(1)
    TOKENIZER.save(folder / "tokens" / "tokenizer")
    sizes = Sizes(TOKENIZER.size, TOKENIZER.size, True)
    for name, config in MTS.items():
        sums = {"src": TOKENIZER.sha256, "tgt": TOKENIZER.sha256}
        about = {"network": asdict(config), "vocabulary_sizes": asdict(sizes), "tokenizer_sha256": sums}
        write_trained(_made(folder / name), build_mt(config, sizes), EPOCHS, about)
        write_seal(folder / name, NETWORK)


def _read_translators(folder: Path) -> object:
    return [_read_translator(folder / name, folder / "tokens") for name in MTS]


def _read_translator(folder: Path, tokens: Path) -> object:
    model, (src, tgt) = open_translator(folder, tokens)
    lines = Lines(src.encode_lines(["a b", "c"]), np.array([0, 3, 5]))
    sentences = translator_sentences(model, lines, torch.device("cpu"), 2, 5)
    hypotheses = decode_sentences(sentences, Greedy(kind="greedy"), torch.Generator())
    require(all(math.isfinite(hypothesis.log_prob) for hypothesis in hypotheses), "a log-probability")
    return hypotheses, [tgt.decode(hypothesis.content) for hypothesis in hypotheses]


TRAINING = TrainingConfig(
    optimizer="adamw",
    learning_rate=0.05,
    weight_decay=0.0,
    schedule="plateau",
    warmup_steps=0,
    clip_norm=1.0,
    epochs=3,
    patience=3,
)


class _Regression:
    """Fit y = the sum of x with dropout on x, so that the random generator matters."""

    steps_per_epoch, uniform_nats = 2, 100.0

    def __init__(self, model: nn.Module, stop: bool) -> None:
        self.model, self.stop = model, stop

    def batches(self, epoch: int) -> Iterator[Tensor]:
        if self.stop and epoch == 2:
            raise KeyboardInterrupt
        yield from torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(epoch))

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
        _trained(Checkpoint(folder / "run.checkpoint"), stop=True)


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


def _make_tokenizers(folder: Path) -> None:
    TOKENIZER.save(folder / "word")
    train_sentencepiece(LINES * 3, "unigram", 14).save(folder / "unigram")
    train_sentencepiece(LINES * 3, "bpe", 14).save(folder / "bpe")


def _read_tokenizers(folder: Path) -> object:
    return [_read_tokenizer(folder / name) for name in ("word", "unigram", "bpe")]


def _read_tokenizer(folder: Path) -> object:
    tokenizer = load_tokenizer(folder)
    ids = tokenizer.encode_lines(["a b c", "e  zebra a", "</s> \u2581"])
    require(bool(((ids > 0) & (ids < tokenizer.size)).all()), f"ids {ids}")
    require(int((ids == 3).sum()) == 3 and ids[-1] == 3 and not (ids == 2).any(), f"special ids in {ids}")
    text = tokenizer.decode([*range(tokenizer.size), 1, 3])
    text.encode()
    return tokenizer.pieces, tokenizer.kind, ids.tobytes(), tokenizer.encode("a b"), text


def _reseal_tokenizers(folder: Path) -> None:
    """Write the vocabulary's sum into `tokenizer.json`, as far as that can still be read."""
    for about in folder.rglob("tokenizer.json"):
        with suppress(InputError, OSError, TypeError, KeyError):
            values = read_json(about)
            vocabulary = read_bytes(about.parent / VOCABULARY[values["kind"]], "a vocabulary", "none", most=1 << 20)
            write_json(about, {**values, "sha256": hashlib.sha256(vocabulary).hexdigest()})


def _make_tokens(folder: Path) -> None:
    for name, sides in (("lm", [""]), ("mt", [".src", ".tgt"])):
        texts = {
            f"{split}{side}": LINES[:n] for split, n in (("train", 9), ("valid", 3), ("test", 5)) for side in sides
        }
        config = WordConfig(kind="word", min_count=1)
        tokenizers = train_tokenizers(config, texts, joint=False)
        write_tokenized(_made(folder / name), tokenizers, texts)
        write_seal(folder / name, TOKENS)
    raw = _made(folder / "raw")
    (raw / "test.txt").write_text("\n".join([*LINES[:5], ""]))
    write_array(raw / "test.floor.npy", np.linspace(1, 2, 5))
    about = {"line_floor_nats": 7.5, "stream_floor_nats": 7.0, "stream_floor_variance": 1.0}
    write_json(raw / "source.json", {"corpus": "builtin", "language": "en", "test": about})
    write_seal(raw, CORPUS)


def _read_tokens(folder: Path) -> object:
    lm, mt, raw = (folder / name for name in ("lm", "mt", "raw"))
    manifest, _ = open_tokens(lm), open_tokens(mt)
    open_sealed(raw, CORPUS)
    ids = {split: read_ids(lm, split) for split in ("train", "valid", "test")}
    size = manifest["tokenizer"]["size"]
    require(all(bool(((text < size) & (text != 2)).all()) and text[-1] == 3 for text in ids.values()), "ids")
    text = read_text(lm, raw, "test", line_starts(ids["test"]))
    card = scorecard("fuzz", np.full(len(ids["test"]), 2.0), text, "line")
    require_plain(card)
    pairs = read_pairs(mt, "train")
    batch = pairs.batch(np.arange(len(pairs)))
    return {name: text.tobytes() for name, text in ids.items()}, card, batch.src.numpy().tobytes()


def _make_records(folder: Path) -> None:
    records = [Record("a\nb\u2028c", [4, 3, 5], -1.25, -0.5), Record("", [3], -0.1, -0.1)]
    place = _made(folder / "generated")
    for name in ("greedy", "beam"):
        write_records(place / f"{name}.jsonl", records)
    write_seal(folder / "generated", TEXTS)


def _read_records(folder: Path) -> object:
    found = read_strategies(folder / "generated")
    require_plain([[asdict(record) for record in records] for records in found.values()])
    return {name: (whole_lines(records), repr(records)) for name, records in found.items()}


TARGETS = {
    "ngram_counts": Target(_make_counts, _read_counts, reseal(("counts", COUNTS))),
    "ngram_models": Target(_make_models, _read_models, reseal(("kneser_ney", MODELS), ("mle", MODELS)), cases=80),
    "networks": Target(_make_networks, _read_networks, reseal(*((name, NETWORK) for name in LMS)), cases=60),
    "translators": Target(_make_translators, _read_translators, reseal(*((name, NETWORK) for name in MTS)), cases=60),
    "checkpoint": Target(_make_checkpoint, _read_checkpoint, _reseal_checkpoint, cases=100),
    "tokenizers": Target(_make_tokenizers, _read_tokenizers, _reseal_tokenizers),
    "token_ids": Target(_make_tokens, _read_tokens, reseal(("lm", TOKENS), ("mt", TOKENS), ("raw", CORPUS))),
    "records": Target(_make_records, _read_records, reseal(("generated", TEXTS))),
}
