"""Translate exceptions into one line for the user and an exit code."""

import errno
import os
import re

from gradus.errors import InputError, ProcessError, RunError

FULL = {
    errno.ENOSPC: "a full disk; free some space and run again",
    errno.EDQUOT: "a used-up disk quota; free some space and run again",
    errno.EFBIG: "the limit on the size of a file; raise the limit (ulimit -f) and run again",
}
WRONG_PATH = (
    *(errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR),
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.EROFS, errno.ENXIO),
)
"""Values of `errno` that a wrong path causes. Their exit code is 2; other system errors have exit code 1."""

EXTRAS = {
    "torch": ("safetensors", "torch"),
    "dvc": (
        "cycler",
        "dvc",
        "dvc_data",
        "jinja2",
        "latex2mathml",
        "markupsafe",
        "matplotlib",
        "pooch",
        "requests",
        "sacrebleu",
        "scipy",
        "tqdm",
        "yaml",
    ),
    "s3": ("dvc_s3",),
    "hf": ("huggingface_hub",),
    "mtdata": ("mtdata",),
}
"""Extras of the distribution gradus-lm, and the modules that gradus imports from the packages of each."""

LONGEST = 2000
"""Maximum number of characters in a line; an exception may quote megabytes of text."""

_DISK_TEXT = re.compile(r"PytorchStreamWriter failed writing|inline_container|\d+ requested and \d+ written")
"""Pattern of torch's and NumPy's messages about a failed write; these messages do not name the reason."""
_UNKNOWN_REASON = "a full disk, or a limit on the size of a file; free some space and run again"
_MEMORY_TEXT = re.compile(
    r"can't allocate memory|bad_alloc|out of memory|Cannot allocate memory|Storage size calculation overflowed"
)


def describe(error: BaseException) -> tuple[str, int]:
    """Return one line that explains an exception, and the exit code: 2 for a wrong input or parameter, else 1.

    Exceptions of torch, safetensors and pyarrow are recognised by their text, so that commands need not import these
    packages.
    """
    text, code = _meaning(error)
    return one_line(text), code


def one_line(text: str) -> str:
    """Return a message on one line: no line breaks, control characters as escapes, at most `LONGEST` characters."""
    words = " ".join(text[: 2 * LONGEST].split())
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} ..."


def _meaning(error: BaseException) -> tuple[str, int]:
    if isinstance(error, InputError | RunError):
        return str(error), 2 if isinstance(error, InputError) else 1
    if isinstance(error, ProcessError):
        return str(error), error.code
    if isinstance(error, ModuleNotFoundError) and (extra := _extra(error)):
        return f"this command needs {error.name}, which is not installed; run pip install 'gradus-lm[{extra}]'", 1
    if full := _full_disk(error):
        return f"{_place(error) or 'the output'}: expected space to write, found {full}", 1
    if _out_of_memory(error):
        reason = str(error).splitlines()[0] if str(error) else "no memory is left"
        return f"out of memory ({reason}); make the model, the batch or the corpus smaller", 1
    if isinstance(error, UnicodeEncodeError):
        return _unwritable(error)
    if isinstance(error, OSError) and error.strerror:
        return _system_fault(error)
    name = type(error).__name__
    found = f"unexpected {name}" if name == "ValidationError" else f"unexpected {name}: {error}"  # not pydantic's words
    return f"{found}; this is a bug in gradus: please run again with --debug and report the output", 1


def _extra(error: ModuleNotFoundError) -> str | None:
    """Return the extra that installs a missing module, or None if no extra does."""
    package = (error.name or "").partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if package in modules), None)


def _full_disk(error: BaseException) -> str | None:
    """Return the reason of a failed write, or None if the exception is not about a failed write."""
    if isinstance(error, OSError) and error.errno in FULL:
        return FULL[error.errno]
    if not isinstance(error, OSError | RuntimeError) and type(error).__name__ != "SafetensorError":
        return None
    text = f"{error} {error.args}"  # `str` alone omits the message if a file name was set later
    for code, found in FULL.items():  # safetensors writes "I/O error: No space left on device (os error 28)"
        if os.strerror(code) in text or f"os error {code})" in text:
            return found
    return _UNKNOWN_REASON if _DISK_TEXT.search(text) else None


def _out_of_memory(error: BaseException) -> bool:
    """Say whether an exception is about a failed allocation by NumPy, Arrow, torch or the system."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, ValueError):
        return str(error).startswith("array is too big")
    # torch raises a plain RuntimeError if the CPU has no memory left
    return isinstance(error, RuntimeError) and bool(_MEMORY_TEXT.search(str(error)))


def _system_fault(error: OSError) -> tuple[str, int]:
    where = _place(error)
    if error.errno in WRONG_PATH and where:
        return (
            f"{where}: expected a usable path, found: {error.strerror}; name another path or repair this path",
            2,
        )
    remedy = (
        "; raise the limit on open files (ulimit -n), or stop other programs"
        if error.errno in (errno.EMFILE, errno.ENFILE)
        else ""
    )
    return f"{where or 'the system'}: {error.strerror}{remedy}", 1


def _unwritable(error: UnicodeEncodeError) -> tuple[str, int]:
    """Explain an encoding error: the command line is not UTF-8, or the encoding of the output lacks a character."""
    character = error.object[error.start]
    if "\ud800" <= character <= "\udfff":  # Python's stand-in for a byte that is not UTF-8
        found = f"{character!r}, a byte of another encoding"
        return f"the command line or a file's name: expected UTF-8, found {found}; convert the text to UTF-8", 2
    found = f"{error.encoding}, which cannot encode {character!r}"
    return f"the output: expected an encoding for all characters, found {found}; set PYTHONIOENCODING=utf-8", 1


def _place(error: BaseException) -> str | None:
    """Return the file that a system error names, or None."""
    filename = error.filename if isinstance(error, OSError) else None
    if filename is None:
        return None
    return os.fsdecode(filename) if isinstance(filename, str | bytes) else str(filename)
