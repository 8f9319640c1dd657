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
FORMS = sorted(path for path in Path(".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
SCRIPTS = Path(sys.executable).parent
LINTERS = [
    ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)],
    ["check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"],
    ["check-jsonschema", "--builtin-schema", "vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"],
    ["check-jsonschema", "--builtin-schema", "vendor.github-issue-forms", *map(str, FORMS)],
    ["check-jsonschema", "--builtin-schema", "vendor.citation-file-format", "CITATION.cff"],
    ["zizmor", "--offline", "--no-progress", ".github"],
    ["yamllint", "--strict", ".github", "experiments", "corpora.yaml", ".pre-commit-config.yaml", "CITATION.cff"],
    *(["bash", "-n", f".ci/{name}"] for name in ("run", "browser", "login", "pull-request", "lock")),
]
GPU = Path(".github/workflows/gpu.yml")
PULL_REQUEST = Path(".github/workflows/pull-request.yml")
COMMENT = "$/.github/workflows/comment.yml"
"""How a job calls the workflow that comments: that of the commit which runs."""


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(path.read_text())["jobs"])


def triggers(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text())[True])  # YAML 1.1 reads the key `on` so


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path).values() for step in job.get("steps", [])]


def own_machine(job: dict[str, Any]) -> bool:
    return job.get("runs-on", "ubuntu-latest") != "ubuntu-latest"


def rights_to_write(job: dict[str, Any]) -> set[str]:
    return {right for right, how in job["permissions"].items() if how == "write"}


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
        # id-token writes nothing of GitHub's: it lets a job ask for a token of its own, which a role may trust
        if rights_to_write(job) - {"id-token"}:
            assert job.get("uses") == COMMENT or not any("uses" in step for step in job["steps"]), "nobody's code"
    actions = re.findall(r"uses: (\S+)", path.read_text())
    assert all(action == COMMENT or re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action) for action in actions)


def test_a_job_that_takes_a_role_asks_for_its_token_and_no_other_can() -> None:
    taking = {
        (path.stem, name): {step["env"]["ROLE"] for step in job.get("steps", []) if ".ci/login" in step.get("run", "")}
        for path in WORKFLOWS
        for name, job in jobs(path).items()
        if job["permissions"].get("id-token") == "write"
    }
    read, write = "${{ vars.AWS_ROLE_READ }}", "${{ vars.AWS_ROLE_WRITE }}"
    assert taking == {
        ("pull-request", "repro"): {read},
        ("gpu", "main"): {read, write},
        ("gpu", "pull-request"): {read},
    }
    assert sum(path.read_text().count(".ci/login") for path in WORKFLOWS) == 4


def test_main_s_environment_is_no_one_else_s_and_its_role_that_writes_comes_after_the_run() -> None:
    """The role that writes trusts the environment `gpu`, which a pull request's job must not have."""
    environments = {
        (path.stem, name): job["environment"]
        for path in WORKFLOWS
        for name, job in jobs(path).items()
        if "environment" in job
    }
    assert environments == {("gpu", "main"): "gpu", ("gpu", "pull-request"): "gpu-pull-request"}
    names = [step.get("name", "") for step in jobs(GPU)["main"]["steps"]]
    assert names[-2:] == ["Take the role that writes the remote", "Push the outputs and the run cache"]


def test_the_page_is_uploaded_as_one_file_under_its_own_name() -> None:
    for job in (jobs(PULL_REQUEST)["repro"], jobs(GPU)["main"], jobs(GPU)["pull-request"]):
        (page,) = [step["with"] for step in job["steps"] if "report.html" in step.get("with", {}).get("path", "")]
        assert page["archive"] is False
        assert "name" not in page, "the action names such an artifact after its file"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_text_of_others_becomes_a_command_and_no_token_stays(path: Path) -> None:
    text = path.read_text()
    assert "secrets." not in text
    for trigger in ("pull_request_target", "workflow_run", "issue_comment"):  # they run with main's rights
        assert trigger not in text
    for step in steps(path):
        assert "${{" not in step.get("run", ""), "an expression is pasted into the script; a variable is not"
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_a_machine_of_ours_works_only_for_main_s_workflow_and_after_a_review() -> None:
    assert [path for path in WORKFLOWS if any(map(own_machine, jobs(path).values()))] == [GPU]
    assert set(triggers(GPU)) == {"workflow_dispatch"}
    for job in filter(own_machine, jobs(GPU).values()):
        assert job["runs-on"] == {"group": "gpu", "labels": ["self-hosted", "linux", "gpu"]}
        assert job["environment"] in ("gpu", "gpu-pull-request")
        assert job["needs"] == "commit", "which refuses a start from elsewhere than main"
        assert job["permissions"] == {"contents": "read", "id-token": "write"}


def test_what_runs_on_a_machine_of_ours_is_the_commit_that_was_approved() -> None:
    mains, theirs = [step["with"] for step in jobs(GPU)["pull-request"]["steps"] if "checkout" in step.get("uses", "")]
    assert (mains["path"], mains["sparse-checkout"], "ref" in mains) == ("main", ".ci", False)
    assert (theirs["path"], theirs["ref"]) == ("source", "${{ needs.commit.outputs.sha }}")
    outside = [step["run"] for step in jobs(GPU)["pull-request"]["steps"] if "run" in step]
    assert not any(re.search(r"(?<!GITHUB_WORKSPACE/)\bsource/", run) for run in outside), "it is for the container"
    assert jobs(GPU)["pull-request"]["if"] == "inputs.pull_request != ''"
    assert jobs(GPU)["main"]["if"] == "inputs.pull_request == ''"
    assert not any("ref" in step.get("with", {}) for step in jobs(GPU)["main"]["steps"])


def test_no_cache_is_read_by_another_trust_than_wrote_it() -> None:
    caches = {path: [step["with"] for step in steps(path) if "cache" in step.get("uses", "")] for path in WORKFLOWS}
    assert {path for path in WORKFLOWS if caches[path]} == {PULL_REQUEST}
    assert set(triggers(PULL_REQUEST)) == {"pull_request"}, "GitHub keeps its caches for one merge ref"
    for cache in caches[PULL_REQUEST]:
        for key in (cache["key"], *cache["restore-keys"].splitlines()):
            assert key.startswith("dvc-${{ github.event.number }}-")
    assert not [step for path in WORKFLOWS for step in steps(path) if "cache" in step.get("with", {})]
    on_disk = [run for step in jobs(GPU)["main"]["steps"] if "dvc cache dir" in (run := step.get("run", ""))]
    assert on_disk == ['.venv/bin/dvc cache dir --local "$RUNNER_TOOL_CACHE/gradus/main"']


def test_continuous_integration_runs_make_test() -> None:
    assert os.access(".ci/run", os.X_OK)
    assert Path(".ci/run").read_text().endswith("\nmake test\n")
    assert ".ci/run" in [step.get("run") for step in jobs(Path(".github/workflows/test.yml"))["test"]["steps"]]


def test_the_tested_pythons_are_the_supported_ones() -> None:
    tested = jobs(Path(".github/workflows/test.yml"))["test"]["strategy"]["matrix"]["python"]
    assert tested == ["3.11", "3.12", "3.13"]
    assert 'requires-python = ">=3.11,<3.14"' in Path("pyproject.toml").read_text()
