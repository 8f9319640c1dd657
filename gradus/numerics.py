"""Choose between portable kernels and native kernels.

Kernels are the functions that compute with arrays. Portable kernels compute the same bytes on every x86-64 processor
with AVX2; native kernels are faster. By default, torch, MKL, oneDNN, NumPy, OpenBLAS and Numba choose kernels for the
processor, and different kernels add numbers in a different order. These libraries read the environment variables below
when they are loaded, so the import of `gradus` sets the variables first. Every stage of the pipeline must use the
setting `numerics` of params.yaml. If the process of a stage was started with the other setting, the process restarts
itself.
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
"""Environment variable that says whether this process uses portable or native kernels. The default is portable."""

PORTABLE = {
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own kernels
    "MKL_CBWR": "COMPATIBLE",  # the only code path of MKL that all processors share
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",  # Intel's first processors with AVX2
    "NUMBA_CPU_NAME": "haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
"""Environment variables that select portable kernels."""


def numerics() -> Numerics:
    """Return whether the setting of this process is `portable` or `native`.

    Raises:
        InputError: if the environment variable `GRADUS_NUMERICS` has another value.
    """
    value = os.environ.get(VARIABLE, "portable")
    if value == "portable":
        return "portable"
    if value == "native":
        return "native"
    raise InputError(
        VARIABLE, expected="portable or native", found=repr(value[:100]), remedy="correct or unset the variable"
    )


def available() -> bool:
    """Return whether this processor can run the portable kernels, which need x86-64 with AVX2."""
    return platform.machine() == "x86_64" and has_avx2()


def portable() -> bool:
    """Return whether this process uses portable kernels. They need the setting `portable` and a processor with AVX2."""
    return numerics() == "portable" and available()


def set_variables() -> None:
    """Set the variables in `PORTABLE` for portable kernels; remove them for native kernels.

    A parent process with portable kernels may have set them. A variable that has another value than in `PORTABLE` is
    not removed. On a processor without AVX2 the variables are not set, because OpenBLAS would crash.
    """
    # `numerics()` is not called here, because `import gradus` must not raise an error.
    wanted = os.environ.get(VARIABLE) != "native" and available()
    for name, value in PORTABLE.items():
        if wanted:
            os.environ[name] = value
        elif os.environ.get(name) == value:
            del os.environ[name]


def follow(params: Path, *, restart: bool) -> None:
    """Apply the setting `numerics` of a parameter file. If this process has the other setting, restart it.

    Args:
        params: the parameter file.
        restart: whether the process may restart itself.
    Raises:
        InputError: if the file has no key `numerics`, or if the process has the other setting and may not restart.
    """
    # Imported here, because `import gradus` needs this module but neither pydantic nor a YAML parser (70 ms).
    from gradus.params import read_params

    wanted: Numerics = read_params(params, "numerics", _TYPE)
    if wanted == numerics():
        return
    if not restart:
        remedy = f"start a process with {VARIABLE}={wanted}"
        raise InputError(
            f"{params}: numerics", expected=f"{numerics()}, the setting of this process", found=wanted, remedy=remedy
        )
    for stream in (sys.stdout, sys.stderr):  # `execve` would lose buffered text
        stream.flush()
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, VARIABLE: wanted})
