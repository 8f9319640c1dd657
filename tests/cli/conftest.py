"""Tiny models for the tests of commands: n-grams, a network with random weights, and a translation model."""

from typing import Any

import pytest
from command_line import TEXT, gradus

from gradus.artifacts.places import new_folder
from gradus.device import Device
from gradus.networks.language_models.build import LanguageModelDescription, LMConfig, build_lm
from gradus.networks.translation_models.build import MTConfig, TranslationModelDescription, build_mt
from gradus.networks.translation_models.parts import Sizes, TokenizerSums
from gradus.params import validated
from gradus.text.manifest import read_manifest
from gradus.text.origin import copy_origin
from gradus.text.token_ids import TOKENS
from gradus.text.tokenized import train_tokenizers, write_tokenized
from gradus.text.tokenizers.config import WordConfig
from gradus.weights import NETWORK, write_model

LINES = ["a b c", "b a", "c a b"]
SIZES = {"embedding": 4, "hidden": 4, "layers": 1, "dropout": 0.0, "tied": False}
LSTM = {"kind": "lstm", **SIZES, "initial": "uniform", "skip": "none"}
SEQ2SEQ = {"kind": "recurrent", "cell": "gru", "bidirectional": True, "packed": False, "attention": "none", **SIZES}
DEVICE = Device(kind="cpu", name="portable kernels")


def write_network(folder, model, description, tokens):
    with new_folder(folder, NETWORK) as part:
        write_model(part, model.state_dict(), description)
        copy_origin(read_manifest(tokens), part)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Make a folder with an n-gram model, a network, a translation model, and the tokens of both tracks."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "text.txt").write_text(TEXT)
    (folder / "source.txt").write_text("a b c\nb a\n")
    gradus("ngram", "build", folder / "text.txt", folder / "ngram", "--order", 2)
    gradus("ngram", "build", folder / "text.txt", folder / "stupid", "--order", 2, "--smoother", "stupid_backoff")
    word = WordConfig(kind="word", min_count=1)
    for track, texts in (("lm", {"train": LINES}), ("mt", {"train.src": LINES, "train.tgt": LINES})):
        tokenizers = train_tokenizers(word, texts, joint=True)
        with new_folder(folder / "tokens" / track, TOKENS) as part:
            write_tokenized(part, tokenizers, texts)
    tokenizer = tokenizers["tokenizer"]
    kind: Any = LMConfig
    config = validated(LSTM, "network", kind)
    about = LanguageModelDescription(
        network=config,
        vocabulary_size=tokenizer.size,
        tokenizer_sha256=tokenizer.sha256,
        device=DEVICE,
        parameters=1,
    )
    write_network(folder / "lstm", build_lm(config, tokenizer.size), about, folder / "tokens/lm")
    kind, sizes = MTConfig, Sizes(tokenizer.size, tokenizer.size, joint=True)
    config = validated(SEQ2SEQ, "network", kind)
    sums = TokenizerSums(tokenizer.sha256, tokenizer.sha256)
    about = TranslationModelDescription(
        network=config, vocabulary_sizes=sizes, tokenizer_sha256=sums, device=DEVICE, parameters=1
    )
    write_network(folder / "mt", build_mt(config, sizes), about, folder / "tokens/mt")
    return folder


@pytest.fixture
def inside(models, monkeypatch):
    """Run a test in the folder of the models. A test must not change the models."""
    monkeypatch.chdir(models)
    return models
