"""What the tests of commands share: the command line itself, and a small text."""

from pathlib import Path

from typer.testing import CliRunner

from gradus.cli.main import app

ROOT = Path(__file__).parents[2]
TEXT = "a b c\na b\n\nc <unk> a\n" * 3


def gradus(*arguments, code=0):
    """Run a command and hold it to its exit code."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result
