"""Wrong command lines: one line in plain words, in one form, for every option of every command."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from gradus.cli.main import app as gradus
from gradus.usage import usage_error

STAGES = {path.stem: import_module(f"stages.{path.stem}").app for path in Path("stages").glob("[a-z]*.py")}
FORM = re.compile(r"error: \S.*: expected .+, found .+; .*--help\n")
FOREIGN = re.compile(r"invalid|valid |should|parse|No such|Missing|Got |requires|not one of|click|typer", re.IGNORECASE)


def commands(command: Any, *names: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command below a group, with the words that call it."""
    if not hasattr(command, "commands"):
        yield names, command
        return
    for name, inner in command.commands.items():
        yield from commands(inner, *names, name)


CASES = [
    (app, words, command)
    for app in (gradus, *STAGES.values())
    for words, command in commands(typer.main.get_command(app))
]


def refusal(app: typer.Typer, *arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, result.stdout) == (2, ""), (arguments, result.output)
    assert FORM.fullmatch(result.stderr) and not FOREIGN.search(result.stderr), result.stderr
    return result.stderr


def test_there_are_commands_and_stages() -> None:
    assert len(CASES) > 25 and {"acquire", "report"} <= set(STAGES)


@pytest.mark.parametrize(("app", "words", "command"), CASES, ids=[" ".join(case[1]) or case[2].name for case in CASES])
def test_every_option_with_a_wrong_value(app: typer.Typer, words: tuple[str, ...], command: Any) -> None:
    assert refusal(app, *words, "--nonsense").startswith("error: --nonsense: expected an option of ")
    for parameter in command.params:
        option = max(parameter.opts, key=len)
        if not option.startswith("--"):
            continue
        if parameter.is_flag:
            assert refusal(app, *words, f"{option}=x").startswith(
                f"error: {option}: expected no value, found a value; "
            )
            continue
        assert refusal(app, *words, option).startswith(f"error: {option}: expected a value, found none; ")
        if parameter.type_descriptor.annotation in (int, float) or parameter.type_descriptor.choices:
            assert "found 'nonsense'; see " in refusal(app, *words, option, "nonsense")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("repro --jobs 0", "--jobs: expected a number of at least 1, found '0'; see gradus repro --help"),
        ("repro --jobs 1.5", "--jobs: expected a whole number, found '1.5'; see gradus repro --help"),
        (
            "repro --job 1",
            "--job: expected an option of gradus repro, found an unknown option; use --jobs, or see gradus",
        ),
        ("repro a b", "gradus repro: expected fewer arguments, found 'a b'; see gradus repro --help"),
        ("reproo", "gradus: expected a known command, found 'reproo'; use 'repro', or see gradus --help"),
        ("ci nothing", "gradus ci: expected a known command, found 'nothing'; see gradus ci --help"),
        ("ci device", "name: expected one of 'cpu', 'cuda', found none; see gradus ci device --help"),
        ("ci device tpu", "name: expected one of 'cpu', 'cuda', found 'tpu'; see gradus ci device --help"),
        ("score", "model: expected a value, found none; see gradus score --help"),
    ],
)
def test_the_line_of_each_mistake(arguments: str, line: str) -> None:
    result = CliRunner().invoke(gradus, arguments.split(), prog_name="gradus")
    assert result.stderr.startswith(f"error: {line}") and result.exit_code == 2


def test_the_values_of_a_list_and_paths() -> None:
    app = typer.Typer()

    @app.command()
    def main(sizes: list[int], text: Path = typer.Option(Path("a"), exists=True)) -> None:  # noqa: B008
        """Do nothing."""

    for arguments, message in (
        (["1", "x"], "sizes: expected a whole number, found 'x'; see main --help"),
        (["1", "--text", "none"], "--text: expected a usable path, found 'none', which does not exist; see"),
    ):
        with pytest.raises(typer.TyperException) as caught:
            typer.main.get_command(app).main(arguments, prog_name="main", standalone_mode=False)
        assert str(usage_error(caught.value)).startswith(message)
