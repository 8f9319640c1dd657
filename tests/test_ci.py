"""Continuous integration's own files: linted, pinned, and with no more rights than they need."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOWS = sorted(Path(".github/workflows").glob("*.yml"))
SCRIPTS = Path(sys.executable).parent
LINTERS = [
    ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)],
    ["check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"],
    ["zizmor", "--offline", "--no-progress", ".github"],
    ["yamllint", "--strict", ".github", "experiments"],
    ["bash", "-n", ".ci/run"],
]


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(path.read_text())["jobs"])


@pytest.mark.parametrize("command", LINTERS, ids=lambda command: command[0])
def test_the_linters_find_nothing(command: list[str]) -> None:
    path = os.pathsep.join([str(SCRIPTS), os.environ["PATH"]])
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": path})
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_has_no_right_that_a_job_does_not_name_and_every_action_is_a_hash(path: Path) -> None:
    assert yaml.safe_load(path.read_text())["permissions"] == {}
    for job in jobs(path).values():
        assert job["permissions"]
        writes = "write" in job["permissions"].values()
        assert not (writes and any("uses" in step for step in job["steps"])), "what may write runs nobody's code"
    actions = re.findall(r"uses: (\S+)", path.read_text())
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in actions)


def test_a_fork_s_pull_request_never_reaches_a_machine_of_ours() -> None:
    for path in WORKFLOWS:
        for job in jobs(path).values():
            if "self-hosted" in job["runs-on"]:
                guard = " ".join(job["if"].split())
                assert guard.startswith("github.event_name == 'workflow_dispatch' || (")
                assert "github.event.pull_request.head.repo.full_name == github.repository &&" in guard
                assert "contains(github.event.pull_request.labels.*.name, 'train')" in guard
        assert "pull_request_target" not in path.read_text()  # it would run with the base's rights


def test_continuous_integration_runs_make_test() -> None:
    assert os.access(".ci/run", os.X_OK)
    assert Path(".ci/run").read_text().endswith("\nmake test\n")
    steps = [step.get("run") for step in jobs(Path(".github/workflows/test.yml"))["test"]["steps"]]
    assert ".ci/run" in steps


def test_the_tested_pythons_are_the_supported_ones() -> None:
    tested = jobs(Path(".github/workflows/test.yml"))["test"]["strategy"]["matrix"]["python"]
    assert tested == ["3.11", "3.12", "3.13"]
    assert 'requires-python = ">=3.11,<3.14"' in Path("pyproject.toml").read_text()
