"""Prevent simultaneous runs of the same command, handle signals, and end a command when its parent process ends."""

import ctypes
import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from gradus.errors import RunError

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl(2)


@contextmanager
def alone(name: str, *, folder: Path = Path(".gradus/locks")) -> Iterator[None]:
    """Hold a lock while the block runs, so that no second process does the same work.

    Two processes that write the same output would mix their files, and DVC would cache the mixture as a success. The
    kernel frees the lock when the process ends, even if the process is killed. Processes that torchrun started take no
    lock, because their launcher holds it.

    Raises:
        RunError: if another process holds the lock.
    """
    if is_launched():
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.replace('/', '_')}.lock"
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"{name} is already running in this folder; wait until that process ends, or stop it"
            ) from None
        yield


def is_launched() -> bool:
    """Say whether torchrun started this process, as one of a group that does the same work."""
    return "TORCHELASTIC_RUN_ID" in os.environ


@contextmanager
def exit_on_signals() -> Iterator[None]:
    """Raise SystemExit on SIGTERM and SIGHUP while the block runs, so that temporary files are removed.

    The exit code is 128 plus the number of the signal, as in a shell. A second signal ends the process at once. If the
    process already ignores a signal (as under nohup), it still ignores this signal in the block.
    """

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise SystemExit(128 + number)

    in_main_thread = threading.current_thread() is threading.main_thread()  # Python allows handlers only there
    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if in_main_thread and signal.getsignal(number) == signal.SIG_DFL
    ]
    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent process ends, so that a killed `dvc repro` leaves no stage running.

    On other systems, this function does nothing, because they have no equivalent.
    """
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:  # the parent ended before `prctl`, so no signal will come
        os.kill(os.getpid(), signal.SIGTERM)
