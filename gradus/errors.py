"""The two ways in which a command fails on purpose."""

_LONGEST = 400  # characters of each part of a message: what is found may be megabytes of a file


class InputError(ValueError):
    """A wrong input or parameter; a command prints it on one line and exits with code 2.

    Args:
        where: the file (and line), parameter or option that is wrong.
        expected: what belongs there.
        found: what is there.
        remedy: what the reader can do about it.
    """

    def __init__(self, where: object, *, expected: str, found: str, remedy: str) -> None:
        self.where, self.expected, self.found, self.remedy = map(_shortened, (str(where), expected, found, remedy))
        super().__init__(f"{self.where}: expected {self.expected}, found {self.found}; {self.remedy}")


class RunError(RuntimeError):
    """A run that failed on right input (a loss that is not finite, no network); exit code 1."""


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}...{text[-_LONGEST // 2 + 3 :]}"
