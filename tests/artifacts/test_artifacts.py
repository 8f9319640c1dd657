"""Outputs are written whole or not at all, and equal content has equal bytes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from gradus.artifacts.arrays import read_array, write_array
from gradus.artifacts.json_files import json_with, read_json, write_json
from gradus.artifacts.places import new_file, new_folder
from gradus.artifacts.seals import SEAL, write_seal
from gradus.errors import InputError
from gradus.weights import NETWORK, load_weights, open_network, write_model


def test_a_failed_folder_leaves_the_earlier_one(tmp_path: Path) -> None:
    target = tmp_path / "model"
    with new_folder(target, "numbers") as part:
        (part / "one").write_text("1")
    with pytest.raises(KeyboardInterrupt), new_folder(target, "numbers") as part:
        (part / "two").write_text("2")
        raise KeyboardInterrupt
    assert {path.name for path in target.iterdir()} == {"one", SEAL}
    with new_folder(target, "numbers") as part:
        assert list(part.iterdir()) == []  # without the files of the failed attempt
    assert [path.name for path in target.iterdir()] == [SEAL]
    assert list(tmp_path.iterdir()) == [target]


def test_a_failed_file_leaves_the_earlier_one(tmp_path: Path) -> None:
    target, is_ours = tmp_path / "deep" / "value.json", json_with("a")
    with new_file(target, is_ours) as part:
        write_json(part, {"a": 1})
    with pytest.raises(ValueError), new_file(target, is_ours) as part:
        part.write_text("half")
        raise ValueError
    assert read_json(target) == {"a": 1}
    assert list(target.parent.iterdir()) == [target]


def test_infinities_are_not_written_as_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "value.json", {"perplexity": float("inf")})
    assert not (tmp_path / "value.json").exists()


@pytest.mark.parametrize(("content", "found"), [("{", "Expecting"), ("[1]", "list")])
def test_the_error_of_broken_json_names_the_file(tmp_path: Path, content: str, found: str) -> None:
    (tmp_path / "value.json").write_text(content)
    with pytest.raises(InputError, match=found):
        read_json(tmp_path / "value.json")


def test_the_error_of_a_truncated_array_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ids.npy"
    write_array(path, np.arange(100, dtype=np.uint32))
    assert read_array(path)[99] == 99
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="ids.npy: expected a NumPy array"):
        read_array(path)


def test_an_array_has_the_bytes_of_numpy(tmp_path: Path) -> None:
    for number, array in enumerate((np.arange(5, dtype=np.uint32), np.zeros(0, np.float64), np.ones(3, bool))):
        write_array(tmp_path / f"{number}.npy", array)
        np.save(tmp_path / "numpy.npy", array)
        assert (tmp_path / f"{number}.npy").read_bytes() == (tmp_path / "numpy.npy").read_bytes()


@pytest.mark.parametrize("array", [np.zeros((2, 2), np.uint32), np.zeros(2, ">u4"), np.zeros(2), np.zeros(2, object)])
def test_arrays_of_other_types_and_shapes_are_refused(tmp_path: Path, array: NDArray[Any]) -> None:
    np.save(tmp_path / "ids.npy", array)
    with pytest.raises(InputError, match=r"ids.npy: expected a (flat|NumPy) array"):
        read_array(tmp_path / "ids.npy")


@dataclass
class Section:
    kind: str


class Pair(nn.Module):
    def __init__(self, width: int = 2) -> None:
        super().__init__()
        self.layer = nn.Linear(width, 3)


def save_pair(folder: Path, model: nn.Module, version: int = 1) -> None:
    write_model(folder, model.state_dict(), Section(kind="lstm"))
    write_json(folder / "config.json", {"format": version, "kind": "lstm"})
    write_seal(folder, NETWORK)


def test_weights_are_read_as_written_and_have_stable_bytes(tmp_path: Path) -> None:
    model = Pair()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        save_pair(tmp_path / name, model)
    assert open_network(tmp_path / "one") == {"kind": "lstm"}
    again = load_weights(tmp_path / "one", Pair)
    assert torch.equal(again.layer.weight, model.layer.weight) and not again.training
    one, two = ((tmp_path / name / "weights.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two


def test_weights_of_another_shape_are_refused_before_memory_is_allocated(tmp_path: Path) -> None:
    save_pair(tmp_path, Pair())
    with pytest.raises(InputError, match="layer.weight as in config.json: .*10000000000"):
        load_weights(tmp_path, lambda: Pair(10**10))  # 120 GB


def test_weights_with_nan_are_refused(tmp_path: Path) -> None:
    model = Pair()
    with torch.no_grad():
        model.layer.bias[1] = torch.nan
    save_pair(tmp_path, model)
    with pytest.raises(InputError, match="expected finite weights, found NaN or infinity in layer.bias"):
        load_weights(tmp_path, Pair)


def test_truncated_weights_and_other_formats_are_refused(tmp_path: Path) -> None:
    save_pair(tmp_path, Pair())
    path = tmp_path / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match="expected .* bytes, as the seal says"):
        open_network(tmp_path)
    with pytest.raises(InputError, match="expected a complete safetensors file"):
        load_weights(tmp_path, Pair)
    save_pair(tmp_path, Pair(), version=99)
    with pytest.raises(InputError, match="expected format 1, found format 99"):
        open_network(tmp_path)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<u4', 'fortran_order': True, 'shape': (3,), }",
        "{'descr': '<u4', 'fortran_order': False, 'shape': (4,), }",
        "{'descr': '<u4', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<u4', 'fortran_order': False, 'shape': (4611686018427387904,), }",
        "{'descr': '<u4', 'fortran_order': False, 'shape': (3L,), }",  # written by Python 2; NumPy would evaluate it
        "{'descr': '<u3', 'fortran_order': False, 'shape': (3,), }",
        "{'descr': __import__('os').getcwd(), 'fortran_order': False, 'shape': (3,), }",
    ],
)
def test_an_array_with_another_header_is_refused(tmp_path: Path, header: str) -> None:
    write_array(tmp_path / "ids.npy", np.arange(3, dtype=np.uint32))
    content = (tmp_path / "ids.npy").read_bytes()
    (tmp_path / "ids.npy").write_bytes(content[:10] + header.encode().ljust(117) + b"\n" + content[128:])
    with pytest.raises(InputError, match="expected a (flat|NumPy) array"):
        read_array(tmp_path / "ids.npy", np.uint32)
