"""The wheel, built and installed into a folder, works outside of a checkout, without the packages of the extras."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

from gradus.faults import EXTRAS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("wheel"),
    pytest.mark.skipif(not (find_spec("pip") and find_spec("setuptools")), reason="needs pip and setuptools"),
]
ROOT = Path(__file__).parents[1]
SOURCES = ("pyproject.toml", "README.md", "LICENSE")
TEXT = "the king sleeps .\nthe queen sees the king .\nthe king sees a garden .\n" * 3

HIDING = f"""
import importlib.abc, sys
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in {tuple(module for modules in EXTRAS.values() for module in modules)}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
"""
"""A sitecustomize.py that hides the packages of the extras, which the tests themselves need."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the sources, because setuptools writes beside them."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in SOURCES:
        shutil.copy(ROOT / name, source)
    for folder in ("gradus", "stages"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(out), str(source))
    (built,) = out.glob("gradus_lm-*-py3-none-any.whl")
    return built


def pip(*arguments: str) -> None:
    """Run pip without an index, so that it can take no package from the network."""
    command = [sys.executable, "-m", "pip", *arguments, "--quiet", "--no-index", "--no-deps"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Installed:
    """An installation of the wheel, and a folder with one text and the model of it."""

    site: Path
    work: Path
    variables: Mapping[str, str]

    def gradus(self, *arguments: str, folder: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.python(str(self.site / "bin/gradus"), *arguments, folder=folder, **variables)

    def python(self, *arguments: str, folder: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        command, env = [sys.executable, *arguments], {**self.variables, **variables}
        return subprocess.run(command, cwd=folder or self.work, env=env, capture_output=True, text=True)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the wheel into a folder; its dependencies are those of the tests, without the packages of the extras."""
    site, block, work = (tmp_path_factory.mktemp(name) for name in ("site", "block", "work"))
    pip("install", "--target", str(site), str(wheel))
    (block / "sitecustomize.py").write_text(HIDING)
    (work / "train.txt").write_text(TEXT)
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("GRADUS", "DVC", "NUMBA"))}
    made = Installed(site, work, variables | {"PYTHONPATH": f"{block}{os.pathsep}{site}"})
    assert made.gradus("ngram", "build", "train.txt", "my_model", "--order", "3").returncode == 0
    return made


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    kept = {path for path in (ROOT / "gradus").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {name for name in names if ".dist-info/" not in name} == {str(path.relative_to(ROOT)) for path in kept}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_its_metadata_names_the_license_the_extras_and_no_address(wheel: Path) -> None:
    (name,) = (name for name in ZipFile(wheel).namelist() if name.endswith(".dist-info/METADATA"))
    fields, _, _ = ZipFile(wheel).read(name).decode().partition("\n\n")
    lines = fields.split("\n")
    assert {"Name: gradus-lm", "License-Expression: Apache-2.0", "Requires-Python: <3.14,>=3.11"} <= set(lines)
    assert {f"Provides-Extra: {extra}" for extra in (*EXTRAS, "all")} <= set(lines)
    assert not [line for line in lines if line.startswith("Requires-Dist: torch") and "extra ==" not in line]
    assert not [line for line in lines if "==" in line.partition(";")[0]], "the wheel has ranges, not pins"


def test_the_commands_of_ngrams_work_without_a_checkout_and_without_extras(installed: Installed) -> None:
    scored = installed.gradus("score", "my_model", "train.txt")
    assert scored.returncode == 0 and "perplexity: " in scored.stdout, scored.stderr
    assert installed.gradus("ngram", "export", "my_model", "model.arpa").returncode == 0
    assert installed.gradus("ngram", "import", "model.arpa", "again").returncode == 0
    assert installed.gradus("score", "again", "train.txt").stdout == scored.stdout


def test_the_lines_of_the_readme_lead_to_a_perplexity(installed: Installed) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Install\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    done = installed.python("-c", f"{block}\nprint(gradus.__version__, gradus.__file__)")
    assert done.returncode == 0, done.stderr
    perplexity, version, file = done.stdout.split()
    (installed.work / "line.txt").write_text("The king sleeps .\n")
    printed = installed.gradus("score", "my_model", "line.txt").stdout.splitlines()
    commanded = float(dict(line.split(": ") for line in printed)["perplexity"])
    assert float(perplexity) == pytest.approx(commanded, abs=1e-5) and commanded > 1
    assert version != "unknown" and Path(file).is_relative_to(installed.site)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (
            ["complete", "my_model", "the"],
            "this command needs torch, which is not installed; run pip install 'gradus-lm[torch]'",
        ),
        (["repro"], "expected a clone of the gradus repository, found no dvc.yaml; clone the repository"),
        (["mend"], "expected a clone of the gradus repository, found no dvc.yaml; clone the repository"),
    ],
)
def test_what_is_missing_is_named_on_one_line(installed: Installed, command: list[str], line: str) -> None:
    done = installed.gradus(*command)
    assert done.returncode in (1, 2) and not done.stdout
    assert line in done.stderr and done.stderr.count("\n") == 1


def test_the_pipeline_names_the_extra_that_it_lacks(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").touch()
    done = installed.gradus("repro", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("which is not installed; run pip install 'gradus-lm[dvc]'\n")


def test_loops_are_compiled_where_no_folder_can_be_written(installed: Installed) -> None:
    """A file in the place of a folder stands for a read-only installation and a user without a home."""
    expected = installed.gradus("score", "my_model", "train.txt").stdout
    beside = installed.site / "gradus/ngram/scoring/__pycache__"
    shutil.rmtree(beside)
    beside.touch()
    nowhere = dict.fromkeys(("HOME", "XDG_CACHE_HOME"), str(beside))
    done = installed.gradus("score", "my_model", "train.txt", folder=None, **nowhere)
    beside.unlink()
    assert (done.stdout, done.returncode) == (expected, 0), done.stderr
