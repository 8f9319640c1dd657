"""Code dependencies of every stage in dvc.yaml, generated from the imports of its module.

DVC runs a stage again when a dependency changes. A missing one leaves a stale result; a needless one retrains models.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from gradus.errors import InputError
from gradus.pipeline.imports import data_files, file_of, is_empty, reached

_SHELL = ("__init__", "command", "errors", "faults", "memory", "names", "process", "progress", "refusal", "usage")
SHELL = frozenset(f"gradus/{name}.py" for name in _SHELL)
"""Files that decide how a command looks and fails, never what it computes."""

_ENTRY = re.compile(r"^  (\w+):\n((?:    .*\n|\n)+)", flags=re.MULTILINE)
_COMMAND = re.compile(r"^    cmd: exec python -m (stages\.\w+)( \$\{item\})?$", flags=re.MULTILINE)
_CODE = re.compile(r"^    deps:\n((?:      - (?:gradus|stages)/.*\n)*)", flags=re.MULTILINE)


def code_of(module: str) -> list[str]:
    """Return the files and folders of code that a stage's result depends on, sorted.

    A folder stands for its files if the stage needs all of them.

    Args:
        module: of the stage, such as `stages.train_lm`.
    """
    names = [name for name in reached(module) if not is_empty(name)]
    needed = {file_of(name) for name in names} | {path for name in names for path in data_files(name)}
    return sorted(_folded({path for path in needed if path.as_posix() not in SHELL}))


def splice(text: str) -> str:
    """Replace the code in the `deps` of every stage; other dependencies stay.

    Args:
        text: the content of dvc.yaml, in which code comes first in each list.
    Raises:
        InputError: if an entry has no `deps`, or its command is not `exec python -m stages.NAME`.
    """
    begin, stages, rest = text.partition("stages:\n")
    stages, plots, end = rest.partition("\nplots:")
    return begin + "stages:\n" + _ENTRY.sub(_spliced, stages) + plots + end


def _spliced(entry: re.Match[str]) -> str:
    command, code = _COMMAND.search(entry[2]), _CODE.search(entry[2])
    if command is None or code is None:
        expected = "cmd: exec python -m stages.NAME, and deps"
        raise InputError(f"dvc.yaml: {entry[1]}", expected=expected, found="others", remedy="write it in this form")
    lines = "".join(f"      - {path}\n" for path in code_of(command[1]))
    return entry[0].replace(code[0], f"    deps:\n{lines}", 1)


def _folded(files: Iterable[Path]) -> set[str]:
    """Replace files by their folder, and folders by theirs, where a folder holds no others."""
    needed = set(files)
    folders = {folder for path in needed for folder in path.parents if len(folder.parts) > 1}
    whole = {folder for folder in folders if _sources(folder) <= needed}
    kept = {path for path in [*needed, *whole] if not whole & set(path.parents)}
    return {path.as_posix() for path in kept}


def _sources(folder: Path) -> set[Path]:
    """Return the files of a folder and of those in it, without compiled ones and empty `__init__.py`."""
    files = {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    return {path for path in files if path.name != "__init__.py" or not is_empty(".".join(path.parent.parts))}
