"""Our own recipes against params.yaml and against what the stages accept."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gradus.corpora.acquire import read_source
from gradus.evaluation.adaptation.table import read_adaptation
from gradus.inference.generation import GenerateConfig
from gradus.inference.translation import TranslateConfig
from gradus.mixtures.config import read_mixture
from gradus.ngram.smoothing.smoothers import read_smoother
from gradus.params import read_file, read_params
from gradus.pipeline.overlay import overlay
from gradus.pipeline.recipe import read_recipe, recipe_names
from gradus.text.tokenizers.config import read_tokenizer_config
from stages.train_lm import TrainLMConfig
from stages.train_mt import TrainMTConfig

FOLDER = Path("experiments")


@pytest.fixture(params=recipe_names(FOLDER))
def params(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    changed = overlay(read_file(Path("params.yaml"), dict), read_recipe(request.param, FOLDER).params)
    with (tmp_path / "params.yaml").open("w") as file:
        YAML(typ="safe", pure=True).dump(changed, file)
    return tmp_path / "params.yaml", changed


def test_a_recipe_says_what_the_stages_accept(params: tuple[Path, dict[str, Any]]) -> None:
    path, changed = params
    for name in changed["train_lm"]:
        read_params(path, f"train_lm.{name}", TrainLMConfig)
    for name in changed["train_mt"]:
        read_params(path, f"train_mt.{name}", TrainMTConfig)
    for name in changed["smooth_ngrams"]:
        read_smoother(path, name)
    for name in changed["interpolate"]:
        read_mixture(path, name)
    for name in changed["adapt_lm"]:
        read_adaptation(path, name)
    read_params(path, "decode.lm", GenerateConfig)
    read_params(path, "decode.mt", TranslateConfig)
    for track in ("lm", "mt"):
        read_source(path, track)
        read_tokenizer_config(path, track)


def test_the_recipes_of_the_brief_are_there() -> None:
    known = {"seeds", "variants", "multi30k_translation", "multi30k_english", "tinyshakespeare", "lecture"}
    assert known <= set(recipe_names(FOLDER))


def test_the_seeds_are_those_of_the_committed_networks() -> None:
    base, recipe = read_file(Path("params.yaml"), dict), read_recipe("seeds", FOLDER)
    changed = overlay(base, recipe.params)
    assert list(changed.pop("smooth_ngrams")) == ["modified_kneser_ney"]
    assert changed == {key: value for key, value in base.items() if key != "smooth_ngrams"}
