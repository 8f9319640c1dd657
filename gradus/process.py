"""A stage's process: alone at its work, and gone with whoever started it."""

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
    """Hold a lock while the block runs; refuse to start beside a living process that holds it.

    Two writers of one output would leave a mixture that DVC caches as a success. The lock is the
    kernel's, so that a process that was killed leaves none behind.

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
def unwinding() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit while the block runs, so that what it opened is closed and removed.

    The exit code is 128 and the signal's number, as a shell counts. A second signal ends the process at once. A signal
    that is ignored (nohup) stays so.
    """

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise SystemExit(128 + number)

    here = threading.current_thread() is threading.main_thread()  # Python sets handlers in no other
    wanted = [one for one in (signal.SIGTERM, signal.SIGHUP) if here and signal.getsignal(one) == signal.SIG_DFL]
    for one in wanted:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one in wanted:
            signal.signal(one, signal.SIG_DFL)


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent ends, so that a killed `dvc repro` leaves no orphan.

    Elsewhere than on Linux there is no such request, and this does nothing.
    """
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the request
        os.kill(os.getpid(), signal.SIGTERM)
