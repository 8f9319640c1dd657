"""Parse the option --seeds of the commands that run an experiment once per seed."""

from gradus.errors import InputError


def parse_seeds(text: str) -> list[int]:
    """Parse a list of seeds such as 1,2,3; return each seed once."""
    numbers = text.split(",") if text else []
    if not all(number.strip().isdecimal() and len(number) < 20 and int(number) < 2**32 for number in numbers):
        expected = "whole numbers below 2^32, such as 1,2,3"
        raise InputError("--seeds", expected=expected, found=repr(text[:100]), remedy="correct the list")
    return list(dict.fromkeys(map(int, numbers)))
