"""Kernels that give the same bytes on every x86-64 processor with AVX2, or those that are fastest on this one.

Torch, MKL, oneDNN, NumPy, OpenBLAS and Numba choose their kernels by the processor, and add in another order in each.
They read the variables below when they are loaded, so `gradus` sets them when it is imported, before the libraries.
`numerics` in params.yaml decides for a stage: one that was started with the other setting starts itself again.
"""

import os
import platform
import sys
from pathlib import Path
from typing import Any, Literal

from gradus.errors import InputError
from gradus.processor import has_avx2

Numerics = Literal["portable", "native"]
_TYPE: Any = Numerics

VARIABLE = "GRADUS_NUMERICS"
"""Environment variable with the setting of this process; unset means portable."""

PORTABLE = {
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own kernels
    "MKL_CBWR": "COMPATIBLE",  # off Intel, MKL has no other path that Intel's processors have too
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",  # the first core with AVX2
    "NUMBA_CPU_NAME": "haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
"""Environment variables of portable kernels, and their values."""


def numerics() -> Numerics:
    """Return the setting of this process.

    Raises:
        InputError: if the environment variable is neither of the two.
    """
    value = os.environ.get(VARIABLE, "portable")
    if value == "portable":
        return "portable"
    if value == "native":
        return "native"
    raise InputError(VARIABLE, expected="portable or native", found=repr(value[:100]), remedy="correct or unset it")


def available() -> bool:
    """Say whether this processor has the portable kernels: x86-64 with AVX2."""
    return platform.machine() == "x86_64" and has_avx2()


def portable() -> bool:
    """Say whether this process computes with portable kernels: they are wanted, and there."""
    return numerics() == "portable" and available()


def set_variables() -> None:
    """Set the variables of portable kernels, or take back those that a portable parent process has set.

    A processor without them is left alone: OpenBLAS would crash there.
    """
    wanted = os.environ.get(VARIABLE) != "native" and available()
    for name, value in PORTABLE.items():
        if wanted:
            os.environ[name] = value
        elif os.environ.get(name) == value:
            del os.environ[name]


def follow(params: Path, *, restart: bool) -> None:
    """Let this process compute with `numerics` of a parameter file.

    Args:
        params: the parameter file.
        restart: whether this process may be replaced by itself with the other setting.
    Raises:
        InputError: if the file has no such key, or the setting differs and the process must stay.
    """
    from gradus.params import read_params

    wanted: Numerics = read_params(params, "numerics", _TYPE)
    if wanted == numerics():
        return
    if not restart:
        remedy = f"start a process with {VARIABLE}={wanted}"
        raise InputError(
            f"{params}: numerics", expected=f"{numerics()}, as in this process", found=wanted, remedy=remedy
        )
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, VARIABLE: wanted})
