"""Require a clone of the repository for the commands of the pipeline."""

from importlib.util import find_spec
from pathlib import Path

from gradus.errors import InputError


def require_clone() -> None:
    """Raise an error if the current folder has no pipeline, or DVC is not installed.

    Raises:
        InputError: if the current folder is not the top folder of a clone of the repository.
        ModuleNotFoundError: if DVC is not installed.
    """
    if not Path("dvc.yaml").is_file():
        remedy = "clone the repository, run `make setup` there, and repeat the command in its top folder"
        raise InputError(Path.cwd(), expected="a clone of the gradus repository", found="no dvc.yaml", remedy=remedy)
    if find_spec("dvc") is None:
        raise ModuleNotFoundError("No module named 'dvc'", name="dvc")
