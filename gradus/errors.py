"""Errors that gradus raises deliberately.

`InputError` is for wrong input, `RunError` for failed runs, and `ProcessError` for an error in another process.
"""

_LONGEST = 400  # characters of each part of a message, which may quote megabytes of a file


class InputError(ValueError):
    """Error of a wrong input or parameter; a command prints the error on one line and exits with code 2.

    Args:
        where: the wrong file (and line), parameter or option.
        expected: a noun phrase for the expected value.
        found: a noun phrase for the value that was found.
        remedy: what the user can do.
    """

    def __init__(self, where: object, *, expected: str, found: str, remedy: str) -> None:
        self.where, self.expected, self.found, self.remedy = map(_shortened, (str(where), expected, found, remedy))
        super().__init__(f"{self.where}: expected {self.expected}, found {self.found}; {self.remedy}")


class RunError(RuntimeError):
    """Error of a run whose input is right, such as an infinite loss or a lost connection; the exit code is 1."""


class ProcessError(Exception):
    """Error of another process that this process has started; it has the exit code of that process."""

    def __init__(self, line: str, code: int = 1) -> None:
        super().__init__(line)
        self.code = code


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}...{text[-_LONGEST // 2 + 3 :]}"
