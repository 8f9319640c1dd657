"""Names of models, strategies, corpora and recipes: all shipped names are accepted, unsafe ones are refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradus.corpora.registry import corpus_names
from gradus.errors import InputError
from gradus.names import CORPORA, NAMED, require_name, require_names
from gradus.params import read_file, read_params, read_section
from gradus.pipeline.recipe import read_recipe, recipe_names

HOSTILE = (
    "", " ", "$(touch x)", "`touch x`", "'; touch x; '", "a b", "-rf", "--help", "../x", "../../data/own",
    "/etc/x", "a/b", "a\nb", "a\n", "a.b", "a@b", "a-b", "a*", "~", ".", "..", "1a", "_a", "é", "ａ", "a\0", "a\u202e",
    "a" * 101, 5, 1.5, True, None, ("a",),
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_value_with_a_meaning_in_a_shell_or_a_path_is_not_a_name(name: object) -> None:
    with pytest.raises(InputError) as caught:
        require_name(name, "params.yaml: train_lm")
    message = str(caught.value)
    assert message.startswith("params.yaml: train_lm: expected a name ([A-Za-z][A-Za-z0-9_]*")
    assert message.isprintable()


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,99}", fullmatch=True))
def test_letters_digits_and_underscores_are_a_name(name: str) -> None:
    require_name(name, "name")


@pytest.mark.parametrize("section", NAMED)
def test_every_reader_of_a_parameter_file_refuses_a_bad_name_in_any_section(tmp_path: Path, section: str) -> None:
    nested = "".join(f"{'  ' * depth}{part}:\n" for depth, part in enumerate(section.split(".")))
    path = tmp_path / "params.yaml"
    path.write_text(f'seed: 1\n{nested}        "$(touch x)": {{}}\n')
    for read in (
        lambda: read_section(path, "seed"),
        lambda: read_params(path, "seed", int),
        lambda: read_file(path, dict),
    ):
        with pytest.raises(InputError, match=rf"params.yaml: {section}: expected a name .*, found '\$\(touch x\)'"):
            read()


@pytest.mark.parametrize("key", CORPORA)
def test_the_name_of_a_corpus_is_checked(key: str) -> None:
    first, second, third = key.split(".")
    require_names({first: {second: {third: "multi30k_test2017"}}}, "params.yaml")
    with pytest.raises(InputError, match=f"params.yaml: {key}: expected a name"):
        require_names({first: {second: {third: "../own"}}}, "params.yaml")


def test_all_shipped_names_are_accepted() -> None:
    require_names(read_file(Path("params.yaml"), dict), "params.yaml")
    for recipe in recipe_names(Path("experiments")):
        require_name(recipe, "experiments")
        require_names(read_recipe(recipe, Path("experiments")).params, recipe)
    for corpus in corpus_names():
        require_name(corpus, "registry.yaml")
    for part in [Path("params.yaml"), *Path("experiments").glob("*.yaml")]:
        assert any(isinstance(read_section(part, name), dict) for name in read_file(part, dict))
