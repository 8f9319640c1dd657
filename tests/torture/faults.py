"""Kills and full disks, provoked at a chosen moment of an action in a child process."""

import os
import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

Action = Callable[[], None]

EVENTS = [("os", os, name) for name in ("rename", "replace", "fsync", "unlink", "rmdir")] + [
    ("shutil", shutil, "rmtree")
]
"""What changes names, or promises that bytes are on the disk: a kill just before or after one is the hardest."""


def in_child(action: Action) -> tuple[int, str]:
    """Run an action in a forked process; return its exit code, or minus its signal, and what it printed."""
    reading, writing = os.pipe()  # a file would fall under the limits that the child sets itself
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.close(reading)
        _run_and_exit(action, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        printed = stream.read().decode(errors="replace")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), printed


def _run_and_exit(action: Action, writing: int) -> NoReturn:
    code = 70
    sys.stdout = sys.stderr = os.fdopen(writing, "w", buffering=1)  # what a test runner captured is not the child's
    try:
        action()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def killed_at(action: Action, event: int) -> Action:
    """Return an action that is killed at one of its events: an even number before it happens, an odd one after.

    One that lives to its end prints how many such moments it had.
    """

    def watched() -> None:
        seen = 0

        def watch(function: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any, **options: Any) -> Any:
                nonlocal seen
                if seen == event:
                    os.kill(os.getpid(), signal.SIGKILL)
                seen += 1
                result = function(*arguments, **options)
                if seen == event:
                    os.kill(os.getpid(), signal.SIGKILL)
                seen += 1
                return result

            return call

        import gradus.artifacts.rename as rename

        rename._exchange = watch(rename._exchange)
        for _, module, name in EVENTS:
            setattr(module, name, watch(getattr(module, name)))
        try:
            action()
        finally:
            print(f"moments: {seen}")

    return watched


def with_small_files(action: Action, most: int) -> Action:
    """Return an action that cannot write a file of more than so many bytes, as on a full disk."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        action()

    return limited
