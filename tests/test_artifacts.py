"""Outputs appear whole or not at all, and equal content has equal bytes."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gradus.artifacts.arrays import read_array, write_array
from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_file, new_folder
from gradus.errors import InputError
from gradus.weights import read_model, write_model


def test_a_folder_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "model"
    with new_folder(target) as part:
        (part / "one").write_text("1")
    with pytest.raises(KeyboardInterrupt), new_folder(target) as part:
        (part / "two").write_text("2")
        raise KeyboardInterrupt
    assert [path.name for path in target.iterdir()] == ["one"]
    with new_folder(target) as part:
        assert list(part.iterdir()) == []  # the half-written attempt is gone
    assert list(target.iterdir()) == []


def test_a_file_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "value.json"
    write_json(target, {"a": 1})
    with pytest.raises(ValueError), new_file(target) as part:
        part.write_text("half")
        raise ValueError
    assert read_json(target) == {"a": 1}


def test_json_refuses_what_json_cannot_say(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "value.json", {"perplexity": float("inf")})
    assert not (tmp_path / "value.json").exists()


@pytest.mark.parametrize(("content", "found"), [("{", "Expecting"), ("[1]", "list")])
def test_broken_json_is_named(tmp_path: Path, content: str, found: str) -> None:
    (tmp_path / "value.json").write_text(content)
    with pytest.raises(InputError, match=found):
        read_json(tmp_path / "value.json")


def test_a_truncated_array_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ids.npy"
    write_array(path, np.arange(100))
    assert read_array(path)[99] == 99
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="ids.npy: expected a NumPy array"):
        read_array(path)


def test_weights_come_back_and_have_stable_bytes(tmp_path: Path) -> None:
    weights = {"b": torch.arange(3.0), "a": torch.ones(2, 2).T}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_model(tmp_path / name, weights, {"kind": "lstm"})
    read, config = read_model(tmp_path / "one")
    assert config == {"kind": "lstm"}
    assert all(torch.equal(read[name], weights[name]) for name in weights)
    one, two = ((tmp_path / name / "weights.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two


def test_truncated_weights_and_other_formats_are_refused(tmp_path: Path) -> None:
    write_model(tmp_path, {"a": torch.ones(8)}, {"kind": "lstm"})
    path = tmp_path / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match="expected a whole safetensors file"):
        read_model(tmp_path)
    write_json(tmp_path / "config.json", {"format": 99, "kind": "lstm"})
    with pytest.raises(InputError, match="expected format 1, found format 99"):
        read_model(tmp_path)
