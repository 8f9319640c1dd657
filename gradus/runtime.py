"""Settings that a process applies before it computes: kernels, seed, number of threads, device, memory."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from threadpoolctl import threadpool_limits
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from gradus.device import Device
from gradus.errors import InputError
from gradus.freed_memory import keep_freed_memory
from gradus.matrix_products import use_numpy_blas
from gradus.memory import available_memory
from gradus.numerics import Numerics, portable
from gradus.params import STRICT, read_keys
from gradus.processor import processor

if portable():
    use_numpy_blas()
    # oneDNN cuts matrices into blocks that fit the processor's caches, so its sums differ between processors.
    torch.backends.mkldnn.set_flags(False)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RuntimeConfig:
    """Settings at the top level of params.yaml."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    """Seed of random choices: initial weights, shuffling, dropout and sampling."""
    threads: Annotated[int, Field(ge=1, le=256)]
    """Number of threads of torch and of BLAS."""
    device: Literal["cpu", "cuda"]
    numerics: Numerics
    """Whether kernels are portable or native. `gradus.numerics` explains both, and applies this setting."""


def read_runtime(path: Path) -> RuntimeConfig:
    """Read the top-level settings of a parameter file."""
    return read_keys(path, ("seed", "threads", "device", "numerics"), RuntimeConfig)


class _NoDraws(TorchFunctionMode):
    """Skip the random initialisation of weights on the meta device.

    On this device, torch computes random numbers in Python. For this it imports 800 modules, which takes one or two
    seconds.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in (Tensor.normal_, nn.init.normal_):
            return kwargs.get("tensor", args[0] if args else None)
        return func(*args, **kwargs)


@contextmanager
def weightless() -> Iterator[None]:
    """Return a context manager for building networks without memory and without random numbers.

    Inside its `with` block, new tensors are on torch's meta device, so they have only a shape and a type.
    """
    with torch.device("meta"), _NoDraws():
        yield


def free_memory(device: torch.device) -> int:
    """Return the number of bytes that can still be allocated for tensors on a device."""
    if device.type != "cuda":
        return available_memory()
    # torch's allocator keeps freed memory, which CUDA counts as used.
    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(torch.cuda.mem_get_info(device)[0]) + unused


def prepare(config: RuntimeConfig) -> torch.device:
    """Seed the random generators, set the number of threads, keep freed memory, and return the device.

    The order of additions depends on the number of threads. So results are guaranteed to have the same bytes only
    if the number of threads is the same. Reduced precision (TF32) stays off.

    Raises:
        InputError: if `device` is `cuda`, but there is no CUDA device.
    """
    keep_freed_memory()
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    threadpool_limits(config.threads, user_api="blas")
    # `use_deterministic_algorithms(True)` does the same, but imports torch's compiler: 900 modules, over a second.
    torch.set_deterministic_debug_mode("error")
    # The deterministic mode also fills new tensors with NaN, which takes up to 9% of the time of a training step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    # The benchmark would choose kernels by their measured speed, which differs from run to run.
    torch.backends.cudnn.benchmark = False
    if config.device == "cuda" and not torch.cuda.is_available():
        raise InputError("params.yaml: device", expected="a CUDA device", found="none", remedy="set device to cpu")
    if config.device == "cuda" and torch.distributed.is_initialized():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))  # each process of a computer has a GPU of its own
    return torch.device(config.device)


def name_device(device: torch.device) -> Device:
    """Return the kind and the name of a device, which are written to the files of results."""
    if device.type == "cuda":
        return Device(kind="cuda", name=torch.cuda.get_device_name(device))
    return Device(kind="cpu", name="portable kernels" if portable() else processor())
