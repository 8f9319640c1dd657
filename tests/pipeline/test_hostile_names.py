"""Plain `dvc repro` of the shipped dvc.yaml with hostile model names; the stages only record their arguments."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.errors import RunError
from gradus.params import read_file
from gradus.pipeline import dvc as dvc_module

ROOT = Path(__file__).parents[2]
DVC_YAML: dict[str, Any] = read_file(ROOT / "dvc.yaml", dict)
PARAMS: dict[str, Any] = read_file(ROOT / "params.yaml", dict)
SECTIONS = ("smooth_ngrams", "train_lm", "interpolate", "adapt_lm", "train_mt", "measure_lm", "measure_ngram")
STAGE = """\
import json, os, pathlib, sys
from ruamel.yaml import YAML
with open("calls", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
entry = YAML(typ="safe").load(pathlib.Path("dvc.yaml"))["stages"][os.environ["DVC_STAGE"].split("@")[0]]
for out in [*entry.get("outs", []), *entry.get("metrics", [])]:
    place = out if isinstance(out, str) else next(iter(out))
    for option, value in options.items():
        place = place.replace("${item.%s}" % option.removeprefix("--"), value)
    path = pathlib.Path(place)
    path = path if path.suffix else path / "file"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
"""
WORDS = (
    "$(touch x)", "`touch x`", "'; touch x; '", '"; touch x; "', "a b", "-rf", "--debug", "$HOME", "~",
    "a&&touch x", "a>x", "#a", "\\", "\\'; touch x; \\'", "é\u202e", "5",
)  # fmt: skip
LINES = ("a\ntouch x", "a\ntouch x\nb", "'\ntouch x\n'", "a\r touch x", "a\u2028touch x", "a\x0btouch x")
PATHS = (
    "../thesis", "../../thesis", "../../../thesis", "../recipes/mine", "../../data/own", "../own/mine", "..", ".",
    "a/b", "a/../../thesis", "stages/a", "/etc/a", "../README.md", "",
)  # fmt: skip
PROTECTED = (
    "thesis/a", "models/thesis/a", "data/thesis/a", "models/README.md", "data/README.md", "data/own/mine/text.txt",
    "README.md", "metrics/recipes/mine.json", "metrics/thesis.json", "../thesis/a",
)  # fmt: skip


@pytest.fixture
def shipped(project: Path, commit: Callable[[str], None]) -> Callable[[str, str], Path]:
    """Return a function that adds a model with a given name to the shipped pipeline, next to files to protect."""
    stages = project / "stages"
    stages.mkdir()
    (stages / "__init__.py").touch()
    for entry in DVC_YAML["stages"].values():
        (stages / f"{entry['cmd'].split()[3].removeprefix('stages.')}.py").write_text(STAGE)
        for place in entry["deps"]:
            if place.startswith(("gradus/", "benchmarks/", "data/own", "metrics/recipes", "corpora.yaml")):
                file = project / place if Path(place).suffix else project / place / "file"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("x")
    for name in ("dvc.yaml", ".dvc/names.yaml"):
        (project / name).write_bytes((ROOT / name).read_bytes())
    for name in PROTECTED:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("protected")

    def write(section: str, name: str) -> Path:
        one = {other: dict(list(PARAMS[other].items())[:1]) for other in SECTIONS}
        one[section] |= {name: {"kind": "x"}}
        (project / "params.yaml").write_text(json.dumps(PARAMS | one))
        return project

    return write


def calls(project: Path) -> list[list[str]]:
    log = project / "calls"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def plain_repro(project: Path, monkeypatch: pytest.MonkeyPatch, *target: str) -> bool:
    """Run `dvc repro` without the checks of gradus; return whether it succeeded; check that no other file changed."""
    monkeypatch.setattr(dvc_module, "require_ready", lambda: None)
    monkeypatch.setenv("SHELL", "/bin/sh")
    try:
        dvc_module.dvc("repro", *target)
    except RunError as error:
        print(str(error)[-500:])
        return False
    finally:
        assert not list(project.rglob("x")) and not (project.parent / "x").exists()
        assert all((project / name).read_text() == "protected" for name in PROTECTED)
    return True


@pytest.mark.slow
def test_the_shell_never_interprets_a_name(
    shipped: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = shipped("train_lm", WORDS[0])
    params = json.loads((project / "params.yaml").read_text())
    params["train_lm"] = {word: {"kind": "x"} for word in WORDS}
    (project / "params.yaml").write_text(json.dumps(params))
    assert plain_repro(project, monkeypatch, "train_lm")  # test_pipeline checks the form of the other commands
    assert sorted(calls(project)) == sorted(["--name", word] for word in (*WORDS, "lm", "lm"))


@pytest.mark.slow
@pytest.mark.parametrize("name", LINES)
def test_a_line_in_a_name_never_becomes_a_command(
    shipped: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    project = shipped("smooth_ngrams", name)
    plain_repro(project, monkeypatch, "smooth_ngrams")
    assert all(call == [] or call[0] == "--name" for call in calls(project))


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_names_that_are_paths_are_refused_before_any_stage_runs(
    shipped: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    for name in PATHS:
        project = shipped(section, name)
        assert not plain_repro(project, monkeypatch), name
        assert calls(project) == []


@pytest.mark.parametrize("name", [WORDS[0], LINES[1], *PATHS[:2]])
def test_every_command_of_gradus_that_starts_dvc_refuses_invalid_names(
    shipped: Callable[[str, str], Path], commit: Callable[[str], None], name: str
) -> None:
    project = shipped("train_mt", name)
    (project / "dvc.lock").write_text("schema: '2.0'\nstages: {}\n")
    (project / "experiments").mkdir()
    (project / "experiments/a.yaml").write_text("description: a\ntracks: [mt]\nparams: {seed: 2}\n")
    commit("hostile")
    for command in (["repro"], ["verify"], ["recipe", "run", "a"], ["ci", "report", "--base", "HEAD"]):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 2, result.output
        assert "params.yaml: train_mt: expected a name ([A-Za-z][A-Za-z0-9_]*" in result.output
        assert result.output.count("\n") == 1
    assert calls(project) == []
