"""A terminal for tests: run a command in a pseudo-terminal and type on it."""

import os
import pty
import re
import select
import subprocess
import sys
import time

from command_line import ROOT

DEADLINE = 60  # seconds until a silent command counts as stuck; the import of torch takes a few


class Terminal:
    """Command whose input, output and error stream are one pseudo-terminal."""

    def __init__(self, *arguments, columns=80, **variables):
        environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
        environment |= {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": str(columns), **variables}
        self._master, slave = pty.openpty()
        command = [sys.executable, "-m", "gradus.cli.main", *map(str, arguments)]
        # A session of its own, so that the terminal sends Ctrl-C to the command.
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, preexec_fn=_take_terminal
        )
        os.close(slave)
        self.shown = ""
        """Everything that the command has shown."""
        self._read = 0

    def wait_for(self, text):
        """Wait until the command shows a text that `wait_for` has not returned before; return what came before it."""
        end = time.monotonic() + DEADLINE
        while (place := self.shown.find(text, self._read)) < 0:
            assert time.monotonic() < end and self._more(), f"no {text!r} in {self.shown[self._read :]!r}"
        before, self._read = self.shown[self._read : place], place + len(text)
        return before

    def type(self, keys):
        """Press keys."""
        os.write(self._master, keys.encode())

    def interrupt(self):
        """Press Ctrl-C, when the command waits for a key."""
        # Python's readline notices a signal only while it waits; within microseconds of a key it would miss the signal.
        time.sleep(0.5)
        self.type("\x03")

    def end(self):
        """Wait until the command ends; return its exit code."""
        while self._more():
            pass
        os.close(self._master)
        return self._process.wait(DEADLINE)

    def plain(self):
        """Return everything that was shown without escape codes and carriage returns."""
        return re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", self.shown).replace("\r", "")

    def _more(self):
        """Read what the command shows next; return False if the command has ended."""
        ready, _, _ = select.select([self._master], [], [], DEADLINE)
        assert ready, f"stuck after {self.shown!r}"
        try:
            content = os.read(self._master, 65536)
        except OSError:  # Linux's answer when the other side is closed
            return False
        self.shown += content.decode(errors="replace")
        return bool(content)


def _take_terminal():
    """Make standard input the controlling terminal of a new session."""
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
