"""What a process sets once before it computes: kernels, seed, threads, device."""

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

from gradus.errors import InputError
from gradus.matrix_products import use_numpy_blas
from gradus.memory import available_memory
from gradus.numerics import Numerics, portable
from gradus.params import STRICT, read_keys
from gradus.processor import processor

if portable():
    use_numpy_blas()
    # oneDNN cuts matrices by the size of the processor's caches.
    torch.backends.mkldnn.set_flags(False)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RuntimeConfig:
    """The keys at the top of params.yaml."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    threads: Annotated[int, Field(ge=1, le=256)]
    device: Literal["cpu", "cuda"]
    numerics: Numerics
    """What the command has followed already; see `gradus.numerics`."""


def read_runtime(path: Path) -> RuntimeConfig:
    """Read the four keys from a parameter file."""
    return read_keys(path, ("seed", "threads", "device", "numerics"), RuntimeConfig)


class _NoDraws(TorchFunctionMode):
    """Leave random draws out: on the meta device they are written in Python, which imports 800 modules, for a second
    or two."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in (Tensor.normal_, nn.init.normal_):
            return kwargs.get("tensor", args[0] if args else None)
        return func(*args, **kwargs)


@contextmanager
def weightless() -> Iterator[None]:
    """Let networks that are built in the block take no memory and draw no numbers: shapes and types are all they have.

    It is torch's meta device.
    """
    with torch.device("meta"), _NoDraws():
        yield


def free_memory(device: torch.device) -> int:
    """Return the bytes that tensors on a device may still take."""
    if device.type != "cuda":
        return available_memory()
    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # held by torch's allocator
    return int(torch.cuda.mem_get_info(device)[0]) + unused


def prepare(config: RuntimeConfig) -> torch.device:
    """Seed Python's and torch's generators, set the thread count, and return the device to use.

    Sums depend on the number of threads, so the bytes of a result are promised for one thread count. Reduced
    precision (TF32) stays off.

    Raises:
        InputError: if CUDA is asked for and not there.
    """
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    threadpool_limits(config.threads, user_api="blas")
    # As `use_deterministic_algorithms(True)`, which imports the compiler besides: 900 modules, more than a second.
    torch.set_deterministic_debug_mode("error")
    # It also fills new tensors with NaN, to find reads of unwritten memory, at up to 9% of a training step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    if config.device == "cuda" and not torch.cuda.is_available():
        raise InputError("params.yaml: device", expected="a CUDA device", found="none", remedy="set it to cpu")
    return torch.device(config.device)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class DeviceName:
    """What computed a result, as its files say."""

    kind: Literal["cpu", "cuda"]
    name: Annotated[str, Field(max_length=1000)]
    """Of the GPU or the processor; `portable kernels` where the bytes do not depend on the processor."""


def name_device(device: torch.device) -> DeviceName:
    """Return what a result says of a device."""
    if device.type == "cuda":
        return DeviceName(kind="cuda", name=torch.cuda.get_device_name(device))
    return DeviceName(kind="cpu", name="portable kernels" if portable() else processor())
