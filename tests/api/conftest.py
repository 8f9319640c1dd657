"""Small models of every family in one folder, with the vocabulary of the README's example."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from gradus.artifacts.places import new_folder
from gradus.device import Device
from gradus.inference.ngram_building import BuildPlan, build_ngrams
from gradus.inference.standalone_ngrams import new_standalone, write_standalone
from gradus.networks.language_models.build import LanguageModelDescription, LMConfig, build_lm
from gradus.networks.translation_models.build import MTConfig, TranslationModelDescription, build_mt
from gradus.networks.translation_models.parts import vocabularies
from gradus.ngram.smoothing.smoothers import published_smoother
from gradus.params import read_file, validated
from gradus.text.manifest import read_manifest
from gradus.text.origin import TextOrigin, copy_origin, write_origin
from gradus.text.token_ids import TOKENS
from gradus.text.tokenized import train_tokenizers, write_tokenized
from gradus.text.tokenizers.config import SubwordConfig, WordConfig
from gradus.weights import NETWORK, write_model
from tests.narrow import narrow_models

LINES = ["The king sleeps .", "She sings .", "The king sings .", "The queen sleeps", "( Mr. X sleeps )"] * 2
WORDS = WordConfig(kind="word", min_count=1)
SUBWORDS = SubwordConfig(kind="unigram", size=28)
DEVICE = Device(kind="cpu", name="portable kernels")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with models/lm, models/mt and text.txt. The networks have random weights."""
    folder = tmp_path_factory.mktemp("api")
    torch.manual_seed(1)
    (folder / "text.txt").write_text("\n".join([*LINES, ""]), encoding="utf-8")
    write_ngrams(folder, ("kneser_ney", "stupid_backoff", "mle"))
    params = read_file(Path("params.yaml"), dict)
    narrow = narrow_models({section: params[section] for section in ("train_lm", "train_mt")})
    write_tokens(folder / "tokens/lm", ("",), WORDS, joint=True)
    write_tokens(folder / "tokens/pieces", ("",), SUBWORDS, joint=True)
    write_tokens(folder / "tokens/mt", (".src", ".tgt"), WORDS, joint=False)
    for name in narrow["train_lm"]:
        write_lm(folder / "models/lm" / name, narrow["train_lm"][name]["network"], folder / "tokens/lm")
    write_lm(folder / "models/lm/pieces", narrow["train_lm"]["gru"]["network"], folder / "tokens/pieces")
    for name in narrow["train_mt"]:
        write_mt(folder / "models/mt" / name, narrow["train_mt"][name]["network"], folder / "tokens/mt")
    return folder


def write_ngrams(folder: Path, smoothers: Iterable[str]) -> None:
    """Write trigram models of text.txt to models/lm, with the smoothers' published settings."""
    for name in smoothers:
        plan = BuildPlan(published_smoother(name, {}, name), 3)
        with new_standalone(folder / "models/lm" / name, [], False) as part:
            write_standalone(part, build_ngrams(folder / "text.txt", plan))


def write_tokens(folder: Path, sides: tuple[str, ...], config: Any, *, joint: bool) -> None:
    texts = {f"train{side}": LINES for side in sides}
    with new_folder(folder, TOKENS) as part:
        write_tokenized(part, train_tokenizers(config, texts, joint=joint), texts)
        write_origin(part, TextOrigin("tiny", ("en", "de")[: len(sides)]))


def write_lm(folder: Path, settings: Any, tokens: Path) -> None:
    kind: Any = LMConfig
    config, facts = validated(settings, "network", kind), read_manifest(tokens).tokenizer()
    about = LanguageModelDescription(
        network=config, vocabulary_size=facts.size, tokenizer_sha256=facts.sha256, device=DEVICE, parameters=1
    )
    with new_folder(folder, NETWORK) as part:
        write_model(part, build_lm(config, facts.size).state_dict(), about)
        copy_origin(read_manifest(tokens), part)


def write_narrow_lms(folder: Path, names: Sequence[str]) -> None:
    """Write text.txt, tokens/ and untrained narrow networks of params.yaml in models/lm/ into a folder."""
    torch.manual_seed(1)
    (folder / "text.txt").write_text("\n".join([*LINES, ""]), encoding="utf-8")
    write_tokens(folder / "tokens", ("",), WORDS, joint=True)
    params: Any = read_file(Path("params.yaml"), dict)
    narrow = narrow_models({"train_lm": params["train_lm"]})["train_lm"]
    for name in names:
        write_lm(folder / "models/lm" / name, narrow[name]["network"], folder / "tokens")


def write_mt(folder: Path, settings: Any, tokens: Path) -> None:
    kind: Any = MTConfig
    sizes, sums = vocabularies(read_manifest(tokens))
    config = validated({**settings, "tied": False}, "network", kind)  # two vocabularies cannot be tied
    about = TranslationModelDescription(
        network=config, vocabulary_sizes=sizes, tokenizer_sha256=sums, device=DEVICE, parameters=1
    )
    with new_folder(folder, NETWORK) as part:
        write_model(part, build_mt(config, sizes).state_dict(), about)
        copy_origin(read_manifest(tokens), part)
