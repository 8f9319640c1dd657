"""dvc.yaml against the code: a dependency that DVC cannot see is a stale result that it will not re-run."""

import ast
import inspect
import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from module_imports import file_of, reached

from gradus.params import read_file

STAGES: dict[str, dict[str, Any]] = read_file(Path("dvc.yaml"), dict[str, Any])["stages"]
SHELL = {
    f"gradus/{name}.py"
    for name in ("__init__", "command", "process", "progress", "errors", "faults", "memory", "names", "refusal")
}
"""What decides how a command looks and fails, never what it computes."""
NEURAL = ("gradus.networks", "gradus.layers", "gradus.weights", "gradus.evaluation.neural")
NGRAM = ("gradus.ngram",)
"""What an entry over models of the other family never imports, though its stage can; see test_pipeline."""
SCRATCH = ".gradus"


def stage_of(entry: str) -> str:
    """The module that an entry runs."""
    match = re.fullmatch(r"exec python -m (stages\.\w+)( \$\{item\})?", STAGES[entry]["cmd"])
    assert match, "a module with its item at most: exec leaves no shell behind, and DVC quotes an item's strings"
    return match[1]


def places(entry: str) -> list[str]:
    """All paths of an entry: dependencies, outputs, metrics."""
    listed = [out for kind in ("deps", "outs", "metrics", "plots") for out in STAGES[entry].get(kind, [])]
    return [place for out in listed for place in ([out] if isinstance(out, str) else out)]


def is_code(place: str) -> bool:
    return place.startswith(("gradus/", "stages/"))


def covers(place: str, path: str) -> bool:
    return path == place or path.startswith(f"{place}/")


def is_empty(module: str) -> bool:
    """Whether a module holds nothing besides its docstring, as a package's first file does."""
    return len(ast.parse(file_of(module).read_text(encoding="utf-8")).body) <= 1


def needed(entry: str) -> set[str]:
    """The files that an entry's result depends on."""
    items = str(STAGES[entry].get("matrix"))
    avoiding = NEURAL if "smooth_ngrams" in items else NGRAM if "train_" in items else ()
    names = [name for name in reached(stage_of(entry), avoiding=avoiding) if not is_empty(name)]
    return {file_of(name).as_posix() for name in names} - SHELL


@pytest.mark.parametrize("entry", STAGES)
def test_dependencies_cover_all_code_that_the_stage_reaches(entry: str) -> None:
    unseen = {file for file in needed(entry) if not any(covers(place, file) for place in STAGES[entry]["deps"])}
    assert not unseen, f"add to the deps of {entry} in dvc.yaml: {', '.join(sorted(unseen))}"


@pytest.mark.parametrize("entry", STAGES)
def test_every_code_dependency_exists_and_is_used(entry: str) -> None:
    for place in STAGES[entry]["deps"]:
        if is_code(place):
            assert Path(place).exists(), place
            assert any(covers(place, file) for file in needed(entry)), f"{entry} does not use {place}"


@pytest.mark.parametrize("entry", STAGES)
def test_a_stage_s_defaults_are_the_places_of_its_entry(entry: str) -> None:
    signature = inspect.signature(import_module(stage_of(entry)).main, eval_str=True)
    paths = [option.default for option in signature.parameters.values() if isinstance(option.default, Path)]
    defaults = {Path(os.path.relpath(path)).as_posix() for path in paths} - {"params.yaml", SCRATCH}
    data = {place for place in places(entry) if not is_code(place)}
    for default in defaults:
        listed = STAGES[entry]["deps"] if is_code(default) else data
        assert any(covers(default, place) or is_code(default) and covers(place, default) for place in listed), (
            f"{default} is no place of {entry}"
        )
    for place in data:
        assert any(covers(default, place) for default in defaults), f"no option of the stage is {place}"


def test_every_stage_is_in_the_pipeline() -> None:
    files = {file.stem for file in Path("stages").glob("*.py")} - {"__init__"}
    assert {f"stages.{name}" for name in files} == {stage_of(entry) for entry in STAGES}


def test_only_evaluations_and_the_report_leave_outputs_outside_the_cache() -> None:
    """Such an output is never pushed, so its stage runs again on every other machine."""
    for entry, values in STAGES.items():
        if "cache: false" in str(values).replace("'", "").replace("False", "false"):
            assert entry.startswith(("evaluate", "report"))


def test_params_yaml_is_small() -> None:
    """DVC parses it once per stage, in Python: 4 kB cost about 35 ms each."""
    assert Path("params.yaml").stat().st_size < 8192
