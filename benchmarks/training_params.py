"""Choose the networks that a benchmark trains: those of a parameter file, with changes."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gradus.artifacts.json_files import write_json
from gradus.errors import InputError
from gradus.params import read_file, read_section
from gradus.pipeline.overlay import overlay

SECTION = "train_lm"


def changed_params(params: Path, changes: Path | None) -> dict[str, Any]:
    """Return the parameters of a file; apply the changes that another file makes to `train_lm`.

    Args:
        params: parameter file.
        changes: a recipe, whose changes are below the key `params`, or a file with the section `train_lm` at its top
            level. Other sections are ignored, because they do not change the networks. None for no changes.
    Raises:
        InputError: if a file has no section `train_lm`, or the changes do not fit to the parameters.
    """
    base: dict[str, Any] = read_file(params, dict)
    if changes is None:
        return base
    nested = "params" in read_file(changes, dict[str, Any])
    return overlay(base, {SECTION: read_section(changes, f"params.{SECTION}" if nested else SECTION)})


def chosen_names(params: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Return the names if each is a network of the parameters; if there are no names, return all networks.

    Raises:
        InputError: if a name is unknown.
    """
    known = list(params[SECTION])
    for name in names:
        if name not in known:
            expected = f"one of {', '.join(known)}"
            raise InputError("--names", expected=expected, found=name, remedy="correct the name")
    return list(names) or known


def with_chunks(params: Mapping[str, Any], name: str, sizes: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    """Return the parameters with a copy of one network for each pair of batch and chunk.

    Args:
        params: parameters with the network.
        name: name of the network.
        sizes: dict from the name of a copy to its B and T.
    """
    copies = {
        copy: {"like": name, "training": {"batch": batch, "chunk": chunk}} for copy, (batch, chunk) in sizes.items()
    }
    return overlay(params, {SECTION: copies})


@contextmanager
def params_file(params: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the path of a temporary parameter file, from which other processes read the same networks."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "params.yaml"
        write_json(path, params)  # every JSON file is a YAML file
        yield path
