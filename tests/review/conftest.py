"""The small repository of review_cases.py, run once and copied for each test."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from repositories import IDENTITY, commit_all, new_repository
from review_cases import CHANGES, PARAMS, PIPELINE, WORK, set_params

from gradus.pipeline.dvc import dvc, git

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The environment of git, DVC and work.py."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            **IDENTITY,
            "DVC_SITE_CACHE_DIR": str(tmp_path_factory.mktemp("site")),
            "PYTHONPATH": f"{ROOT}:{ROOT}/tests:{ROOT}/tests/review",
            "PYTHONDONTWRITEBYTECODE": "1",
        }.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, variables: None) -> Path:
    """The repository after `dvc repro`, committed as `main`."""
    root = tmp_path_factory.mktemp("made") / "project"
    new_repository(root)
    (root / "params.yaml").write_text(json.dumps(PARAMS, indent=1))
    (root / "dvc.yaml").write_text(PIPELINE)
    (root / "work.py").write_text(WORK)
    (root / "gate.yaml").write_bytes((ROOT / "gate.yaml").read_bytes())
    (root / ".gitignore").write_text("/data/\n/.gradus/\n*.pyc\n*.md\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        dvc("repro")
        commit_all("results")
    return root


@pytest.fixture(scope="session")
def moved(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a branch `changed`, on which the changes of review_cases.py were run and committed."""
    root = tmp_path_factory.mktemp("moved") / "project"
    shutil.copytree(made, root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        git("checkout", "--quiet", "-b", "changed")
        set_params(CHANGES)
        dvc("repro")
        commit_all("changes")
    return root


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a copy of the repository on `main`."""
    return _entered(made, tmp_path, monkeypatch)


@pytest.fixture
def branch(moved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a copy of the repository on `changed`."""
    return _entered(moved, tmp_path, monkeypatch)


def _entered(source: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = folder / "project"
    shutil.copytree(source, copy)
    monkeypatch.chdir(copy)
    return copy
