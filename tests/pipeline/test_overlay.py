import copy
from pathlib import Path

import pytest
from dvc.utils.hydra import apply_overrides

from gradus.errors import InputError
from gradus.params import read_file
from gradus.pipeline.overlay import overlay, overrides

BASE = {
    "seed": 1,
    "acquire": {"mt": {"corpus": "builtin", "src": "en"}},
    "tokenize": {"mt": {"kind": "bpe", "size": 1000, "joint": True}},
    "train_mt": {
        "plain": {"network": {"kind": "recurrent", "attention": "none"}, "training": {"rate": 0.1, "epochs": 2}},
        "attention": {"network": {"kind": "recurrent", "attention": "x"}, "training": {"rate": 0.1, "epochs": 2}},
    },
}


def test_mappings_are_merged_and_the_base_stays_unchanged() -> None:
    before = copy.deepcopy(BASE)
    changed = overlay(BASE, {"train_mt": {"plain": {"training": {"epochs": 9}}}})
    assert changed["train_mt"]["plain"] == {**BASE["train_mt"]["plain"], "training": {"rate": 0.1, "epochs": 9}}
    assert changed["train_mt"]["attention"] == BASE["train_mt"]["attention"]
    assert before == BASE


def test_another_kind_replaces_the_whole_mapping() -> None:
    changed = overlay(BASE, {"tokenize": {"mt": {"kind": "word", "min_count": 2}}})
    assert changed["tokenize"]["mt"] == {"kind": "word", "min_count": 2}


def test_named_items_can_be_added_and_removed() -> None:
    changed = overlay(BASE, {"train_mt": {"plain": None, "wide": {"network": {}, "training": {}}}})
    assert list(changed["train_mt"]) == ["attention", "wide"]


def test_like_copies_an_item_even_if_it_is_removed() -> None:
    changes = {"plain": None, "long": {"like": "plain", "training": {"epochs": 9}}}
    assert overlay(BASE, {"train_mt": changes})["train_mt"]["long"] == {
        "network": {"kind": "recurrent", "attention": "none"},
        "training": {"rate": 0.1, "epochs": 9},
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sed": 2}, r"recipe: sed: expected a key of params.yaml \(seed, acquire, tokenize, train_mt\), found 'sed'"),
        ({"acquire": {"mt": {"target": "de"}}}, r"recipe: acquire.mt.target: expected a key of params.yaml"),
        ({"train_mt": {"plain": {"training": {"epoch": 9}}}}, r"recipe: train_mt.plain.training.epoch: expected"),
        ({"seed": None}, r"recipe: seed: expected a value, found null"),
        (
            {"train_mt": {"wide": {"like": "plane"}}},
            r"recipe: train_mt.wide: expected one of plain, attention, found plane",
        ),
        ({"train_mt": {"wide": None}}, r"recipe: train_mt.wide: expected one of plain, attention, found wide"),
    ],
)
def test_an_unknown_key_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        overlay(BASE, changes)


def test_without_changes_there_are_no_overrides() -> None:
    assert list(overrides(BASE, overlay(BASE, {}))) == []


def test_overrides_have_the_syntax_of_hydra() -> None:
    changed = {"a": {"b": True, "d": "it's, {x}"}, "e": [1, "x"], "f": {"g": {}}, "h": 1.0}
    assert list(overrides({"a": {"b": 1, "c": 2}, "e": [], "f": "none", "h": 1}, changed)) == [
        "~a.c",
        "a.b=true",
        "+a.d='it\\'s, {x}'",
        "e=[1,'x']",
        "f={g:{}}",
        "h=1.0",
    ]


def test_dvc_turns_the_overrides_into_the_changed_parameters(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(Path("params.yaml").read_text())
    base = read_file(path, dict)
    new = {
        "network": {"kind": "recurrent", "attention": {"score": "dot"}},
        "training": {"rate": 1e-05, "note": "a, 'b'"},
    }
    recipe = {
        "seed": 7,
        "tokenize": {"mt": {"kind": "word", "min_count": 2}},
        "smooth_ngrams": {"mle": None},
        "train_lm": {"rnn": None, "gru": {"training": {"epochs": 1}}},
        "train_mt": {"plain": None, "new": new},
    }
    changed = overlay(base, recipe)
    apply_overrides(path, list(overrides(base, changed)))
    assert read_file(path, dict) == changed


def test_what_is_built_on_a_removed_model_is_removed_unless_it_is_named() -> None:
    base = {
        "smooth_ngrams": {"katz": {}},
        "train_lm": {"gru": {}, "lstm": {}},
        "interpolate": {"both": {"models": ["katz", "lstm"]}, "rest": {"models": ["katz", "gru"]}},
        "adapt_lm": {"cached": {"model": "lstm"}, "learning": {"model": "gru"}},
    }
    changed = overlay(base, {"train_lm": {"lstm": None}})
    assert (list(changed["interpolate"]), list(changed["adapt_lm"])) == (["rest"], ["learning"])
    named = overlay(base, {"train_lm": {"lstm": None}, "adapt_lm": {"cached": {"model": "lstm"}}})
    assert list(named["adapt_lm"]) == ["cached", "learning"]


MIXED = {
    "smooth_ngrams": {"katz": {}, "mle": {}},
    "train_lm": {"lstm": {}, "gru": {}},
    "interpolate": {"pair": {"models": ["lstm", "katz"]}, "networks": {"models": ["lstm", "gru"]}},
}


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, ["pair", "networks"]),
        ({"smooth_ngrams": {"katz": None}}, ["networks"]),
        ({"train_lm": {"gru": None}}, ["pair"]),
        ({"train_lm": {"lstm": None}}, []),
        ({"interpolate": {"pair": None}}, ["networks"]),
        ({"smooth_ngrams": {"katz": None}, "interpolate": {"pair": {"models": ["lstm", "mle"]}}}, ["pair", "networks"]),
        # a mixture that the changes name stays, so that its stage can say what is wrong
        ({"train_lm": {"gru": None}, "interpolate": {"networks": {"kind": "linear"}}}, ["pair", "networks"]),
    ],
)
def test_a_mixture_goes_with_any_of_its_models(changes: dict[str, object], kept: list[str]) -> None:
    assert list(overlay(MIXED, changes)["interpolate"]) == kept


def test_dvc_can_remove_all_mixtures_and_all_models_of_a_section(tmp_path: Path) -> None:
    """DVC writes a comment behind the key of an empty section at the wrong place, so there must be none."""
    path = tmp_path / "params.yaml"
    path.write_text(Path("params.yaml").read_text())
    base = read_file(path, dict)
    sections = ("smooth_ngrams", "train_lm")
    changed = overlay(base, {section: dict.fromkeys(base[section]) for section in sections})
    assert [changed[section] for section in (*sections, "interpolate")] == [{}, {}, {}]
    apply_overrides(path, list(overrides(base, changed)))
    assert read_file(path, dict) == changed


def test_dvc_adds_an_entry_to_an_empty_section(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(Path("params.yaml").read_text())
    base = read_file(path, dict)
    cached = {"kind": "cache", "model": "lstm", "weight": 0.1, "theta": 1.0, "window": 500}
    changed = overlay(base, {"adapt_lm": {"lstm_cache": cached}})
    apply_overrides(path, list(overrides(base, changed)))
    assert read_file(path, dict) == changed
