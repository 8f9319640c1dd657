"""Files that describe the project agree with each other and with the code."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from gradus.cli.main import app

PAGES = [Path("README.md"), *sorted(Path().glob("[CS]*.md")), *sorted(Path("docs").glob("*.md"))]
PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
CONTRIBUTING = Path("CONTRIBUTING.md").read_text(encoding="utf-8")


def test_version_and_licence_are_the_same_everywhere() -> None:
    citation = yaml.safe_load(Path("CITATION.cff").read_text(encoding="utf-8"))
    released = re.findall(r"^## (\d\S*)", Path("CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert str(citation["version"]) == released[0] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"] == "Apache-2.0"
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in PROJECT["authors"]]
    assert "Version 2.0, January 2004" in Path("LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_between_pages_lead_to_files_and_headings(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, heading = target.partition("#")
        if "://" in target:
            continue
        other = page.parent / path if path else page
        assert other.exists(), f"{page}: {target}"
        if heading:
            titles = re.findall(r"^#+ (.*)$", other.read_text(encoding="utf-8"), flags=re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
            assert heading in anchors, f"{page}: {target}"


def test_what_contributing_names_exists() -> None:
    """Paths, commands of gradus and targets of make, in backquotes or in blocks of commands."""
    code = re.findall(r"`([^`\n]+)`", CONTRIBUTING) + re.findall(r"^(\w[^#\n]*)", _blocks(CONTRIBUTING), re.MULTILINE)
    paths = {text for text in code if re.fullmatch(r"[\w./-]+/[\w./-]*", text) and "NAME" not in text}
    assert len(paths) > 10
    assert not [path for path in paths if not Path(path).exists()]
    commands = {text for text in code if text.startswith("gradus ")}
    assert len(commands) > 5
    for command in commands:
        group, words = get_command(app), command.split()[1:]
        while hasattr(group, "commands") and words:
            assert words[0] in group.commands, command
            group, words = group.commands[words[0]], words[1:]
    targets = set(re.findall(r"^([\w./()$-]+):", Path("Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for command in (text for text in code if text.startswith("make ")):
        assert command.split()[1].replace(".venv", "$(VENV)") in targets, command


def test_the_hooks_run_the_checks_of_continuous_integration() -> None:
    hooks = yaml.safe_load(Path(".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    entries = [hook["entry"].removeprefix(".venv/bin/") for hook in hooks]
    makefile = Path("Makefile").read_text(encoding="utf-8")
    recipes = re.findall(r"^(?:lint|types): .*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    checks = [line.strip() for recipe in recipes for line in recipe.splitlines()]
    assert entries[:-1] == checks
    assert entries[-1] == "python -m pytest -q tests/test_ci.py -k linters"
    assert "def test_the_linters_find_nothing" in Path("tests/test_ci.py").read_text(encoding="utf-8")


def test_the_container_sets_up_what_the_makefile_offers() -> None:
    container = json.loads(Path(".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert container["postCreateCommand"].split() == ["make", "setup", ".venv/ready-dev"]
    version = re.fullmatch(r"python:(3\.\d+)-\w+", container["image"])
    assert version and f"Python :: {version[1]}" in " ".join(PROJECT["classifiers"])


def _blocks(text: str) -> str:
    return "\n".join(re.findall(r"```\n(.*?)```", text, flags=re.DOTALL))
