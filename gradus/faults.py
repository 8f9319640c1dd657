"""What an exception means to the person who typed a command: one line, and an exit code."""

import errno
import os
import re

from gradus.errors import InputError, RunError

FULL = {
    errno.ENOSPC: "a full disk; free some space and run again",
    errno.EDQUOT: "a used-up disk quota; free some space and run again",
    errno.EFBIG: "the limit on a file's size; raise it (ulimit -f) and run again",
}
WRONG_PATH = (
    *(errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR),
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.EROFS, errno.ENXIO),
)
"""What the name of a path brings about, not the state of the machine."""

LONGEST = 2000
"""Characters of a line at most: a message may quote a text of megabytes."""

_DISK_TEXT = re.compile(r"PytorchStreamWriter failed writing|inline_container|\d+ requested and \d+ written")
"""How torch and NumPy say that a write failed; neither says why."""
_UNTOLD = "a full disk, or a limit on a file's size; free some space and run again"
_MEMORY_TEXT = re.compile(
    r"can't allocate memory|bad_alloc|out of memory|Cannot allocate memory|Storage size calculation overflowed"
)


def describe(error: BaseException) -> tuple[str, int]:
    """Return the line that is printed of an exception, and the exit code.

    Code 2 is for a wrong input or parameter, 1 for a failure. Exceptions of torch, safetensors and pyarrow are told by
    their text, so that no command imports them for this.
    """
    text, code = _meaning(error)
    return one_line(text), code


def one_line(text: str) -> str:
    """Return a message without line breaks and control characters, which might come from a hostile file."""
    words = " ".join(text[: 2 * LONGEST].split())
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} ..."


def _meaning(error: BaseException) -> tuple[str, int]:
    if isinstance(error, InputError | RunError):
        return str(error), 2 if isinstance(error, InputError) else 1
    if full := _full_disk(error):
        return f"{_place(error) or 'the output'}: expected space to write, found {full}", 1
    if _out_of_memory(error):
        reason = str(error).splitlines()[0] if str(error) else "no memory is left"
        return f"out of memory ({reason}); make the model, the batch or the corpus smaller", 1
    if isinstance(error, UnicodeEncodeError):
        return _unwritable(error)
    if isinstance(error, OSError) and error.strerror:
        return _system_fault(error)
    found = f"unexpected {type(error).__name__}: {error}"
    return f"{found}; this is a defect of gradus: please report it with what --debug prints", 1


def _full_disk(error: BaseException) -> str | None:
    """Say what a failed write ran into, if it is one."""
    if isinstance(error, OSError) and error.errno in FULL:
        return FULL[error.errno]
    if not isinstance(error, OSError | RuntimeError) and type(error).__name__ != "SafetensorError":
        return None
    text = f"{error} {error.args}"  # an OSError that was given a file's name only afterwards prints that alone
    for code, found in FULL.items():  # safetensors: I/O error: No space left on device (os error 28)
        if os.strerror(code) in text or f"os error {code})" in text:
            return found
    return _UNTOLD if _DISK_TEXT.search(text) else None


def _out_of_memory(error: BaseException) -> bool:
    """Recognise NumPy's, Arrow's, torch's (a RuntimeError on the CPU) and the system's."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, ValueError):
        return str(error).startswith("array is too big")
    return isinstance(error, RuntimeError) and bool(_MEMORY_TEXT.search(str(error)))


def _system_fault(error: OSError) -> tuple[str, int]:
    where = _place(error)
    if error.errno in WRONG_PATH and where:
        return f"{where}: expected a path that can be used, found: {error.strerror}; name another or mend this one", 2
    remedy = "; raise the limit (ulimit -n) or stop other work" if error.errno in (errno.EMFILE, errno.ENFILE) else ""
    return f"{where or 'the system'}: {error.strerror}{remedy}", 1


def _unwritable(error: UnicodeEncodeError) -> tuple[str, int]:
    """Text that cannot be encoded: bytes of the command line that were no UTF-8, or an output of another encoding."""
    character = error.object[error.start]
    if "\ud800" <= character <= "\udfff":
        found = f"{character!r}, which stands for a byte that is none"
        return f"the command line or a file's name: expected UTF-8, found {found}; convert it", 2
    found = f"{error.encoding}, which has no {character!r}"
    return f"the output: expected an encoding that holds all text, found {found}; set PYTHONIOENCODING=utf-8", 1


def _place(error: BaseException) -> str | None:
    """Return the file that an exception is about."""
    filename = error.filename if isinstance(error, OSError) else None
    if filename is None:
        return None
    return os.fsdecode(filename) if isinstance(filename, str | bytes) else str(filename)
