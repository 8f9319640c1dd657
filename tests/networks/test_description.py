"""A folder of the wrong family is refused on one line, by every command that opens it."""

from pathlib import Path

import pytest
import torch

from gradus.artifacts.places import new_folder
from gradus.artifacts.seals import write_seal
from gradus.device import Device
from gradus.errors import InputError
from gradus.families.language_models import open_folder
from gradus.families.translation_models import open_translator
from gradus.layers.recurrence.gru import GRUConfig
from gradus.networks.language_models.build import LanguageModelDescription, build_lm, open_lm
from gradus.networks.translation_models.build import TranslationModelDescription, build_mt, open_mt
from gradus.networks.translation_models.parts import Sizes, TokenizerSums
from gradus.networks.translation_models.transformer import TranslationTransformerConfig
from gradus.weights import NETWORK, write_model

V = 9
DEVICE = Device(kind="cpu", name="portable kernels")
LM = GRUConfig(
    kind="gru",
    reset="after",
    embedding=4,
    hidden=4,
    layers=1,
    dropout=0.0,
    tied=False,
    initial="uniform",
    skip="none",
)
MT = TranslationTransformerConfig(kind="transformer", width=4, heads=2, layers=1, feedforward=4, dropout=0.0, tied=True)


@pytest.fixture
def lm(tmp_path: Path) -> Path:
    about = LanguageModelDescription(network=LM, vocabulary_size=V, tokenizer_sha256="ab", device=DEVICE, parameters=1)
    with new_folder(tmp_path / "lm", NETWORK) as part:
        write_model(part, build_lm(LM, V).state_dict(), about)
    return tmp_path / "lm"


@pytest.fixture
def mt(tmp_path: Path) -> Path:
    sizes = Sizes(V, V, joint=True)
    about = TranslationModelDescription(
        network=MT, vocabulary_sizes=sizes, tokenizer_sha256=TokenizerSums("ab", "ab"), device=DEVICE, parameters=1
    )
    with new_folder(tmp_path / "mt", NETWORK) as part:
        write_model(part, build_mt(MT, sizes).state_dict(), about)
    return tmp_path / "mt"


def test_a_description_holds_the_checked_settings(lm: Path, mt: Path) -> None:
    assert open_lm(lm).network == LM
    assert open_mt(mt).network == MT
    assert open_mt(mt).vocabulary_sizes == Sizes(V, V, joint=True)


def test_a_translation_model_is_no_language_model(mt: Path) -> None:
    said = rf"^{mt}: expected a language model, found a translation model; choose a folder in models/lm$"
    with pytest.raises(InputError, match=said):
        open_folder(mt)


def test_a_language_model_is_no_translation_model(lm: Path) -> None:
    said = rf"^{lm}: expected a translation model, found a language model; choose a folder in models/mt$"
    with pytest.raises(InputError, match=said):
        open_translator(lm)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"kind": "gru"', '"kind": "star"', "network.kind: expected one of 'ffnn', 'rnn', 'gru', 'lstm',"),
        ('"vocabulary_size": 9', '"vocabulary_size": 3', "vocabulary_size: expected a number of at least 4, found 3"),
        ('"vocabulary_size": 9,', "", "vocabulary_size: expected a whole number, found nothing"),
        ('"name"', '"other"', "device."),
    ],
)
def test_a_wrong_value_is_named_with_its_file(lm: Path, old: str, new: str, said: str) -> None:
    config = lm / "config.json"
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))
    write_seal(lm, NETWORK)
    with pytest.raises(InputError) as caught:
        open_lm(lm)
    assert f"{config}: {said}" in str(caught.value) and "\n" not in str(caught.value)


def test_nothing_is_drawn_when_a_folder_is_opened(lm: Path) -> None:
    before = torch.get_rng_state()
    open_lm(lm)
    assert torch.equal(torch.get_rng_state(), before)
