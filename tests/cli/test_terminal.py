"""Colours in terminals only, versions, and completion in the shell."""

import platform
from importlib.metadata import version

import pytest
from command_line import gradus
from terminal import Terminal
from typer.testing import CliRunner

from gradus.cli.main import app

RED, BOLD, RESET = "\x1b[1;31m", "\x1b[1m", "\x1b[0m"


def test_help_and_errors_have_colours_in_a_terminal_only():
    terminal = Terminal("mend", "--help")
    assert terminal.end() == 0 and f"{BOLD}Options:{RESET}" in terminal.shown
    assert terminal.plain() == gradus("mend", "--help").stdout.replace("root mend", "python -m gradus.cli.main mend")
    terminal = Terminal("mend", "--nonsense")
    assert terminal.end() == 2 and f"{RED}error:{RESET} --nonsense: expected" in terminal.shown
    assert "\x1b" not in gradus("mend", "--nonsense", code=2).stderr


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_person_can_turn_colours_off(variables):
    for arguments in (("--help",), ("mend", "--nonsense")):
        terminal = Terminal(*arguments, **variables)
        terminal.end()
        assert terminal.shown and "\x1b" not in terminal.shown


def test_the_help_groups_the_commands_and_cuts_no_sentence():
    shown = gradus("--help").stdout
    headings = ["Use models:", "Train models and compare results:", "Keep the repository in order:"]
    assert [line for line in shown.splitlines() if line in headings] == headings
    assert "..." not in shown.partition("Use models:")[2]
    names = [line.split()[0] for line in shown.splitlines() if line.startswith("  ") and line[2] != " "]
    assert {"models", "next", "complete", "translate", "score", "repro", "recipe", "mend", "ngram", "ci"} <= set(names)


def test_the_version_names_what_computes():
    lines = dict(line.split() for line in gradus("--version").stdout.splitlines())
    assert lines["Python"] == platform.python_version()
    assert lines["torch"] == version("torch") and lines["dvc"] == version("dvc") and "gradus" in lines


def completed(words):
    """Return the words that bash offers for the last word of a command line."""
    variables = {
        "_GRADUS_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    result = CliRunner().invoke(app, prog_name="gradus", env=variables)
    assert result.exit_code == 0
    return result.stdout.split()


def test_a_shell_completes_commands_options_and_names(models, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("ngram", "lstm", "mt", "stupid"):
        (tmp_path / name).symlink_to(models / name)
    assert {"score"} == set(completed("gradus sco"))
    assert "--by-line" in completed("gradus score --by")
    assert completed("gradus complete ngram --strategy nu") == ["nucleus"]
    assert set(completed("gradus next ")) == {"ngram", "lstm", "mt", "stupid"}
    assert completed("gradus score ng") == ["ngram"]
    (tmp_path / "models/lm").mkdir(parents=True)
    (tmp_path / "models/lm/katz").symlink_to(models / "ngram")
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments/seeds.yaml").touch()
    assert completed("gradus translate mod") == ["models/lm/katz"]
    assert completed("gradus recipe run s") == ["seeds"]


def test_completion_stands_in_the_main_help_only():
    assert "--install-completion" in gradus("--help").stdout
    for command in ("score", "ngram", "ci"):
        assert "completion" not in gradus(command, "--help").stdout
    # the variable names the shell, because --show-completion asks the parent process
    script = CliRunner().invoke(app, [], prog_name="gradus", env={"_GRADUS_COMPLETE": "source_bash"})
    assert "complete -o default" in script.stdout and "_GRADUS_COMPLETE=complete_bash" in script.stdout
