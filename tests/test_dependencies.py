"""dvc.yaml against the code: a dependency that DVC cannot see is a stale result that it will not re-run."""

import inspect
import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from gradus.params import read_file
from gradus.pipeline.dependencies import code_of, splice

STAGES: dict[str, dict[str, Any]] = read_file(Path("dvc.yaml"), dict[str, Any])["stages"]
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


def test_the_code_of_every_stage_is_what_it_imports() -> None:
    text = Path("dvc.yaml").read_text(encoding="utf-8")
    assert splice(text) == text, "run gradus dependencies"


@pytest.mark.parametrize(
    ("stage", "never"),
    [
        ("count_ngrams", ("gradus/networks", "gradus/layers", "gradus/ngram/smoothing", "gradus/ngram/arpa")),
        ("smooth_ngrams", ("gradus/networks", "gradus/layers", "gradus/ngram/arpa", "gradus/evaluation")),
        ("train_lm", ("gradus/ngram", "gradus/decoding", "gradus/evaluation", "gradus/networks/translation_models")),
        ("train_mt", ("gradus/ngram", "gradus/decoding", "gradus/evaluation", "gradus/networks/language_models")),
        ("generate", ("gradus/ngram", "gradus/training", "gradus/evaluation", "gradus/networks/translation_models")),
        ("generate_ngram", ("gradus/networks", "gradus/layers", "gradus/training", "gradus/ngram/smoothing")),
        ("evaluate_lm", ("gradus/ngram", "gradus/training", "gradus/networks/translation_models")),
        ("evaluate_lm_ngram", ("gradus/networks", "gradus/layers", "gradus/training", "gradus/ngram/smoothing")),
        ("translate", ("gradus/ngram", "gradus/training", "gradus/evaluation", "gradus/networks/language_models")),
        ("evaluate_mt", ("gradus/ngram", "gradus/training", "gradus/networks/language_models")),
    ],
)
def test_a_stage_depends_on_no_code_of_another_family(stage: str, never: tuple[str, ...]) -> None:
    """An edit there runs the stage for nothing; a network is trained for a comma in BLEU."""
    assert not [path for path in code_of(f"stages.{stage}") if path.startswith(never)]


def test_a_folder_stands_for_its_files_only_where_all_are_needed() -> None:
    assert "gradus/artifacts" in code_of("stages.acquire")
    tokenize = code_of("stages.tokenize")
    assert "gradus/corpora/files.py" in tokenize
    assert "gradus/corpora" not in tokenize


def test_the_files_that_code_reads_are_dependencies_too() -> None:
    assert {"gradus/corpora/registry.yaml", "gradus/corpora/registry.py"} <= set(code_of("stages.acquire"))
    assert any(path.startswith("gradus/reporting") for path in code_of("stages.report"))


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
    """DVC parses it once per stage, in Python: 4 kB of values take 25 ms each time, and 4 kB of comments take 3 ms."""
    text = Path("params.yaml").read_text()
    assert len(re.sub(r" *#.*", "", text)) < 5000
    assert len(text) < 12_000
