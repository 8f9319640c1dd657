"""Set the key `device` of params.yaml, as a CI runner does before the pipeline runs."""

import re
from pathlib import Path

from gradus.artifacts.inputs import read_bytes
from gradus.artifacts.places import new_file, write_text
from gradus.errors import InputError
from gradus.params import read_file
from gradus.yaml_files import LARGEST

# Only the key and its value, so that a comment after them stays.
_LINE = re.compile(r"^device:[ \t]+[\w\"']+", re.MULTILINE)


def set_device(path: Path, device: str) -> None:
    """Set the key `device` in a parameter file and keep every other byte.

    `dvc exp run --set-param` would write the whole file again and wrap long lines.

    Raises:
        InputError: if the file is not a parameter file, or does not have exactly one line `device: NAME`.
    """
    read_file(path, dict)
    text = read_bytes(path, "a parameter file", "correct the path", most=LARGEST).decode()
    changed, count = _LINE.subn(f"device: {device}", text)
    if count != 1:
        found = "no such line" if count == 0 else f"{count} such lines"
        remedy = "write one such line, for example device: cpu"
        raise InputError(path, expected="one line `device: NAME`", found=found, remedy=remedy)
    with new_file(path, lambda _: True) as part:
        write_text(part, changed)
    # The replaced line may have been part of a multi-line text or of another section.
    if read_file(path, dict).get("device") != device:
        remedy = "write the key `device` once, at the top level"
        raise InputError(path, expected=f"device: {device}", found="another value", remedy=remedy)
