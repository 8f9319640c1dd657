"""The two ways in which a command fails on purpose."""


class InputError(ValueError):
    """A wrong input or parameter; a command prints it on one line and exits with code 2.

    Args:
        where: the file (and line), parameter or option that is wrong.
        expected: what belongs there.
        found: what is there.
        remedy: what the reader can do about it.
    """

    def __init__(self, where: object, *, expected: str, found: str, remedy: str) -> None:
        self.where, self.expected, self.found, self.remedy = str(where), expected, found, remedy
        super().__init__(f"{where}: expected {expected}, found {found}; {remedy}")


class RunError(RuntimeError):
    """A run that failed on right input (a loss that is not finite, no network); exit code 1."""
