"""Errors that a command raises on purpose: wrong input and failed runs."""

_LONGEST = 400  # characters of each part of a message, because the wrong text may be megabytes of a file


class InputError(ValueError):
    """A wrong input or parameter; a command prints it on one line and exits with code 2.

    Args:
        where: the wrong file (and line), parameter or option.
        expected: description of a right value.
        found: description of the wrong one.
        remedy: what the reader can do.
    """

    def __init__(self, where: object, *, expected: str, found: str, remedy: str) -> None:
        self.where, self.expected, self.found, self.remedy = map(_shortened, (str(where), expected, found, remedy))
        super().__init__(f"{self.where}: expected {self.expected}, found {self.found}; {self.remedy}")


class RunError(RuntimeError):
    """A failure although the input is right, such as an infinite loss or a lost connection; exit code 1."""


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}...{text[-_LONGEST // 2 + 3 :]}"
