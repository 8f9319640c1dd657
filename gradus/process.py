"""Locks, signals and parent processes of running commands."""

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

    Two writers of one output would leave a mixture, which DVC would cache as a success. The kernel frees the lock
    when the process ends, even if it is killed.

    Raises:
        RunError: if another process holds the lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.replace('/', '_')}.lock"
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(f"{name} is already running here; wait until it ends or stop it") from None
        yield


@contextmanager
def exit_on_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit while the block runs, so that temporary files are removed.

    The exit code is 128 plus the signal's number, as in a shell. A second signal ends the process at once. An ignored
    signal (nohup) stays ignored.
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
    """Ask Linux to end this process when its parent ends, so that a killed `dvc repro` leaves no orphan.

    Other systems have no equivalent; there this does nothing.
    """
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:  # the parent ended before the request
        os.kill(os.getpid(), signal.SIGTERM)
