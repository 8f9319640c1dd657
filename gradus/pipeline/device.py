"""The device in params.yaml, which a runner sets before it runs the pipeline."""

import re
from pathlib import Path

from gradus.artifacts.inputs import read_bytes
from gradus.artifacts.places import new_file, write_text
from gradus.errors import InputError
from gradus.params import read_file
from gradus.yaml_files import LARGEST

_LINE = re.compile(r"^device:[ \t]+[\w\"']+", re.MULTILINE)


def set_device(path: Path, device: str) -> None:
    """Set the key `device` in a parameter file; every other byte stays.

    DVC's own `--set-param` writes the whole file anew, its long lines wrapped.

    Raises:
        InputError: if the file is no parameter file, or has no line `device: NAME`.
    """
    read_file(path, dict)
    text = read_bytes(path, "a parameter file", "correct the path", most=LARGEST).decode()
    changed, count = _LINE.subn(f"device: {device}", text)
    if count != 1:
        found = "no such line" if count == 0 else "several"
        raise InputError(path, expected="one line `device: NAME`", found=found, remedy="write it so")
    with new_file(path, lambda _: True) as part:
        write_text(part, changed)
    if read_file(path, dict).get("device") != device:
        raise InputError(path, expected=f"device: {device}", found="another value", remedy="write `device` once")
