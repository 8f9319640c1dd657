"""Generate the code dependencies of every stage in dvc.yaml from the imports of the stage's module.

DVC runs a stage again when a dependency changes. A missing dependency leaves a stale result; an unnecessary dependency
makes DVC train models again without need.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from gradus.errors import InputError
from gradus.pipeline.imports import data_files, file_of, is_empty, reached

_SHELL = "__init__ command committed errors faults memory names process progress refusal terminal usage"
SHELL = frozenset(f"gradus/{name}.py" for name in _SHELL.split())
"""Code files that affect a command's messages and errors, but not its results. No stage depends on these files."""

# Only the lists of code are replaced as text, so that comments and the order of keys in dvc.yaml stay.
_ENTRY = re.compile(r"^  (\w+):\n((?:    .*\n|\n)+)", flags=re.MULTILINE)
_COMMAND = re.compile(r"^    cmd: exec python -m (stages\.\w+)( \$\{item\})?$", flags=re.MULTILINE)
_CODE = re.compile(r"^    deps:\n((?:      - (?:gradus|stages)/.*\n)*)", flags=re.MULTILINE)


def code_of(module: str) -> list[str]:
    """Return the files and folders of code that a stage's result depends on, sorted.

    If the stage needs every file of a folder, the list contains the folder instead of the files.

    Args:
        module: module of the stage, such as `stages.train_lm`.
    """
    names = [name for name in reached(module) if not is_empty(name)]
    needed = {file_of(name) for name in names} | {path for name in names for path in data_files(name)}
    return sorted(_folded({path for path in needed if path.as_posix() not in SHELL}))


def splice(text: str) -> str:
    """Update the code files in the `deps` of every stage; keep the other dependencies.

    Args:
        text: content of dvc.yaml. Every list `deps` must begin with the code files.
    Raises:
        InputError: if a stage has no `deps`, or the command of a stage is not `exec python -m stages.NAME`.
    """
    begin, stages, rest = text.partition("stages:\n")
    stages, plots, end = rest.partition("\nplots:")
    return begin + "stages:\n" + _ENTRY.sub(_spliced, stages) + plots + end


def _spliced(entry: re.Match[str]) -> str:
    command, code = _COMMAND.search(entry[2]), _CODE.search(entry[2])
    if command is None or code is None:
        expected = "the keys `cmd: exec python -m stages.NAME` and `deps`"
        remedy = "write the stage in this form"
        raise InputError(f"dvc.yaml: {entry[1]}", expected=expected, found="other keys or values", remedy=remedy)
    lines = "".join(f"      - {path}\n" for path in code_of(command[1]))
    return entry[0].replace(code[0], f"    deps:\n{lines}", 1)


def _folded(files: Iterable[Path]) -> set[str]:
    """Replace the files of a folder with the folder itself if `files` contains every source file of the folder."""
    needed = set(files)
    folders = {folder for path in needed for folder in path.parents if len(folder.parts) > 1}
    whole = {folder for folder in folders if _sources(folder) <= needed}
    kept = {path for path in [*needed, *whole] if not whole & set(path.parents)}
    return {path.as_posix() for path in kept}


def _sources(folder: Path) -> set[Path]:
    """Return all files in a folder and its subfolders, except compiled files and empty `__init__.py` files."""
    files = {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    return {path for path in files if path.name != "__init__.py" or not is_empty(".".join(path.parent.parts))}
