"""Readers that go wrong on purpose where their file is not as it should be, for the fuzzer to find."""

import ctypes
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gradus.errors import InputError, RunError
from tests.fuzz.runner import Target, WrongError

RIGHT = "right"


def _make(folder: Path) -> None:
    (folder / "file.txt").write_text(RIGHT)


def _read(fail: Callable[[], object], folder: Path) -> object:
    return RIGHT if (folder / "file.txt").read_text() == RIGHT else fail()


def _crash() -> object:
    return ctypes.string_at(0)


def _hang() -> object:
    return time.sleep(60)


def _memory() -> object:
    return bytearray(3 << 30)


def _exception() -> object:
    raise KeyError("file")


def _refused() -> object:
    raise InputError("file.txt", expected=RIGHT, found="x" * 10**6, remedy="none")


def _long() -> object:
    raise RunError("x" * 10**6)


def _wrong() -> object:
    raise WrongError("an answer that cannot be")


def _other() -> object:
    return "another answer"


def _output() -> object:
    os.write(2, b"warning")
    return RIGHT


TARGETS = {
    name: Target(_make, partial(_read, fail))
    for name, fail in {
        "crash": _crash,
        "hang": _hang,
        "memory": _memory,
        "exception": _exception,
        "refused": _refused,
        "long": _long,
        "wrong": _wrong,
        "other": _other,
        "output": _output,
    }.items()
}
