"""The folder of a mixture: whole, movable, refused with one line if anything in it is wrong."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import gradus
from gradus.artifacts.seals import SEAL, holds_only_sealed_files, write_seal
from gradus.errors import InputError
from gradus.families import catalogue
from gradus.families.catalogue import DamagedEntry, ModelEntry, list_models
from gradus.families.mixtures import MIXTURE_FILE, MixtureFolder, open_mixture_folder
from gradus.families.networks import NeuralFolder
from gradus.mixtures.storage import CONFIG, MIXTURE, MODELS
from tests.mixtures.conftest import Mixed

PAIR = ("kneser_ney", "lstm")


@pytest.fixture
def copied(mixed: Mixed, tmp_path: Path) -> Path:
    """Return a copy of a mixture's folder, without the models beside it."""
    return Path(shutil.copytree(mixed("linear", PAIR).path, tmp_path / "models/mixtures/pair"))


def test_a_copied_mixture_works_without_the_models_elsewhere(copied: Path, mixed: Mixed) -> None:
    assert holds_only_sealed_files(copied)
    model, original = gradus.load(copied), gradus.load(mixed("linear", PAIR).path)
    assert (model.family, model.kind, model.corpus) == ("language model", "linear", "tiny")
    text = "The queen sings .\nShe sleeps"
    assert model.score(text) == original.score(text)
    following = model.next("The", 1000)
    assert sum(token.probability for token in following) == pytest.approx(1, abs=1e-5)
    assert model.complete("The king", "beam", length=5) == original.complete("The king", "beam", length=5)
    with pytest.raises(InputError, match=r"expected an n-gram model, found a mixture \(linear\)"):
        model.score(text, order=2)


def test_the_next_tokens_agree_with_the_score(mixed: Mixed) -> None:
    model = gradus.load(mixed("log_linear", PAIR).path)
    chances = [{token.text: token.probability for token in model.next(prompt, 1000)} for prompt in ("", "The")]
    line_end = {token.text: token.probability for token in model.next("The king", 1000)}
    product = chances[0]["The"] * chances[1]["king"] * line_end["</s>"]
    assert model.score("The king").perplexity == pytest.approx(product ** (-1 / 3), rel=1e-4)


def test_a_mixture_is_in_the_list_of_models_and_its_models_are_not(copied: Path) -> None:
    (entry,) = list_models(copied.parents[1])
    assert isinstance(entry, ModelEntry)
    assert (entry.track, entry.kind, entry.order, entry.corpus) == ("lm", "linear mixture", None, "tiny")
    (copied / SEAL).unlink()
    (damaged,) = list_models(copied.parents[1])
    assert isinstance(damaged, DamagedEntry)


@pytest.mark.parametrize("file", ["lstm/weights.safetensors", "lstm/gradus.seal", "kneser_ney/manifest.json"])
def test_a_changed_model_is_refused_with_one_line(copied: Path, file: str) -> None:
    path = copied / MODELS / file
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(InputError, match=f"{re.escape(file)}: expected SHA-256") as refused:
        gradus.load(copied)
    assert "\n" not in str(refused.value)


def change(folder: Path, **values: Any) -> None:
    """Change keys of `mixture.json`, and renew the seal."""
    path = folder / CONFIG
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    (folder / SEAL).unlink()
    write_seal(folder, MIXTURE)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"format": 2}, "expected format 1, found format 2"),
        ({"kind": "cubic"}, "kind: expected "),
        ({"models": ["lstm"]}, "models: expected at least 2"),
        ({"models": ["../../kneser_ney", "lstm"]}, "models"),
        ({"models": ["kneser_ney", "gru"]}, "gru: expected a language model"),
        ({"weights": {"line": [0.5, 0.6]}}, "weights whose sum is 1"),
        ({"weights": {"line": [1.5, -0.5]}}, "expected weights from 0 to 1"),
        ({"weights": {"line": [0.5, 0.25, 0.25]}}, "expected 2 weights, one for each model"),
        ({"weights": {"stream": [0.5, 0.5]}}, "expected weights for the context line"),
        ({"tokenizer_sha256": "0" * 64}, "expected a model with the tokenizer of the mixture"),
    ],
)
def test_a_wrong_description_is_refused_with_one_line(copied: Path, values: dict[str, Any], message: str) -> None:
    change(copied, **values)
    with pytest.raises(InputError, match=message) as refused:
        open_mixture_folder(copied)
    assert "\n" not in str(refused.value)


def test_the_networks_are_opened_as_networks(mixed: Mixed) -> None:
    mixture = mixed("linear", PAIR)
    assert isinstance(mixture, MixtureFolder) and isinstance(mixture.models[1], NeuralFolder)


def test_scoring_a_linear_mixture_of_ngram_models_never_imports_torch(mixed: Mixed) -> None:
    folder = mixed("linear", ["kneser_ney", "mle"]).path
    code = f"import sys, gradus; gradus.load({str(folder)!r}).score('The king'); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_families_know_mixtures_by_the_names_that_the_writer_uses() -> None:
    """The families repeat the names, because they must not import what writes the folders."""
    assert (MIXTURE_FILE, catalogue.MIXTURE) == (CONFIG, MIXTURE)
