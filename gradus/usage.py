"""Translate the errors of a wrong command line into `InputError`.

Typer's messages use words of click and pydantic that users need not understand.
"""

import re
from typing import Any

from pydantic import ValidationError

from gradus.errors import InputError
from gradus.refusal import option_problem
from gradus.yaml_files import shown

# Patterns, because Typer has these values only in the text of its messages.
_UNEXPECTED = re.compile(r"Got unexpected extra argument\(?s?\)? \((.*)\)", re.DOTALL)
_NO_COMMAND = re.compile(r"No such command '(.*?)'\.(?: Did you mean (.*)\?)?", re.DOTALL)
_PATH = re.compile(
    r"(?:path|file|dir) (.*) (does not exist|is a file|is a directory|is not readable|is not writable)\."
)


def usage_error(error: Exception) -> InputError:
    """Translate Typer's error about a wrong command line."""
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context else "the command"
    where, expected, found, hint = _problem(error, command)
    remedy = f"{hint}see {command} --help" if context else "see --help"  # Typer gives some errors no context
    return InputError(where, expected=expected, found=found, remedy=remedy)


def _problem(error: Any, command: str) -> tuple[str, str, str, str]:
    """Return the wrong option or argument, the expected value, the value that was found, and a hint (may be '')."""
    match type(error).__name__:  # Typer does not export these classes
        case "NoSuchOption":
            hint = f"use {' or '.join(sorted(error.possibilities))}, or " if error.possibilities else ""
            return error.option_name, f"an option of {command}", "an unknown option", hint
        case "BadOptionUsage":
            takes_none = "does not take" in error.message
            return error.option_name, *(("no value", "a value") if takes_none else ("a value", "none")), ""
        case "MissingParameter":
            choices = error.param.type_descriptor.choices
            expected = f"one of {', '.join(map(repr, choices))}" if choices else "a value"
            return _name(error.param), expected, "none", ""
        case "BadParameter":
            return _name(error.param), *_bad_value(error), ""
        case _:
            return _bad_words(error.format_message(), command)


def _bad_value(error: Any) -> tuple[str, str]:
    """Return the expected value of an option or argument, and the value that was found."""
    if isinstance(error.__cause__, ValidationError):
        return option_problem(error.__cause__)
    if path := _PATH.fullmatch(error.message):
        return "a usable path", f"{path[1]}, which {path[2]}"
    return "another value", shown(error.message.rstrip("."))


def _bad_words(message: str, command: str) -> tuple[str, str, str, str]:
    """Return the values that `_problem` describes; the error is about too many arguments or an unknown command."""
    if extra := _UNEXPECTED.fullmatch(message):
        return command, "fewer arguments", shown(extra[1]), ""
    if unknown := _NO_COMMAND.fullmatch(message):
        hint = f"use {unknown[2]}, or " if unknown[2] else ""
        return command, "a known command", shown(unknown[1]), hint
    return command, "another command line", shown(message.rstrip(".")), ""


def _name(parameter: Any) -> str:
    """Return the name of an argument, or the long name of an option such as `--name`."""
    if parameter is None:
        return "the command line"
    options = [name for name in parameter.opts if name.startswith("-")]
    return max(options, key=len) if options else str(parameter.name)
