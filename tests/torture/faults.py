"""Fault injection: kill a child process at a chosen moment, or fill its disk."""

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
"""Calls that rename, delete or sync files. A kill just before or after one of them is the hardest case."""


def in_child(action: Action) -> tuple[int, str]:
    """Run an action in a forked process; return its exit code (or -signal) and its output."""
    reading, writing = os.pipe()  # a pipe, because the child limits the size of its files
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
    sys.stdout = sys.stderr = os.fdopen(writing, "w", buffering=1)  # not the streams that pytest captures
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
    """Return an action that kills itself at a moment: 2 * n is just before call n of `EVENTS`, 2 * n + 1 just after.

    An action that reaches its end prints its number of moments.
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
    """Return an action that cannot write files of more than `most` bytes, as on a full disk."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        action()

    return limited
