"""A whole pull request on runners: main's results in a remote, a branch that moves them, and what comes back."""

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from clones import Clone, set_params, stages_run
from s3_server import REGION, s3_server

from gradus.params import read_file
from gradus.pipeline.lock import blocks_of
from gradus.pipeline.overlay import overlay

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]  # one process, one clone

PAGE = Path("docs/runners.md")
CHAIN = {"train_mt@plain", "translate@plain", "evaluate_mt@plain", "report"}
UNCHANGED = "Nothing has changed; no stage runs."


def equipped(clone: Clone) -> Clone:
    """Put into a clone what `make setup s3` would install."""
    bin = clone.path / ".venv/bin"
    bin.mkdir(parents=True)
    for name, module in {"gradus": "gradus.cli.main", "dvc": "dvc"}.items():
        (bin / name).write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n')
        (bin / name).chmod(0o755)
    (bin / "python").symlink_to(sys.executable)
    for name in ("ready", "ready-s3"):
        (clone.path / ".venv" / name).touch()
    return clone


@pytest.fixture(scope="module")
def main(clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Main's clone, with its outputs in DVC's cache, and a remote in a folder that has them too."""
    root = tmp_path_factory.mktemp("runners")
    made = equipped(clone.cloned(root / "main"))
    made.dvc("cache", "dir", "--local", str(clone.path / ".dvc/cache"))
    made.dvc("remote", "add", "--default", "storage", str(root / "storage"))
    made.dvc("config", "remote.storage.verify", "true")
    made.commit("a remote")
    made.gradus("ci", "push")
    return made


def pull_request(clone: Clone, out: Path) -> str:
    """Do what a runner does for a pull request, and return what it prints."""
    return clone.run(".ci/pull-request", clone.run("git", "rev-parse", "origin/HEAD").strip(), str(out))


def test_where_nothing_has_changed_nothing_runs_and_no_data_is_fetched(main: Clone, tmp_path: Path) -> None:
    branch = main.cloned(tmp_path / "branch")
    assert UNCHANGED in branch.gradus("ci", "run")
    assert not (branch.path / ".dvc/cache/files").exists()
    branch.gradus("ci", "page", "--out", str(tmp_path / "report.html"))
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    assert branch.run("git", "status", "--porcelain") == ""


def test_one_changed_parameter_runs_one_chain_and_its_results_can_be_committed(main: Clone, tmp_path: Path) -> None:
    branch, out = equipped(main.cloned(tmp_path / "branch")), tmp_path / "out"
    params = read_file(branch.path / "params.yaml", dict)
    set_params(branch, overlay(params, {"train_mt": {"plain": {"training": {"learning_rate": 0.02}}}}))
    branch.commit("another learning rate")
    printed = pull_request(branch, out)
    assert stages_run(printed) == CHAIN
    assert not (branch.path / "models/lm").exists(), "only what the chain reads is fetched"
    comment = html.unescape((out / "comment.md").read_text())
    assert "train_mt.plain.training.learning_rate" in comment
    assert "bleu" in comment.lower()
    assert (out / "gate").read_text() in ("0\n", "1\n")
    assert {path.name for path in out.iterdir()} == {
        "results", "report.html", "plots", "report.md", "gate.md", "gate", "comment.md",
    }  # fmt: skip

    branch.run("git", "checkout", "--quiet", "--", ".")
    run_page(branch, "commit", RESULTS=str(out / "results"))
    merged = main.cloned(tmp_path / "merged")
    merged.run("git", "pull", "--quiet", str(branch.path))
    assert UNCHANGED in merged.gradus("ci", "run"), "what the pull request ran counts, though only it has the data"


def run_page(clone: Clone, name: str, **variables: str) -> str:
    """Run a block of docs/runners.md, ```sh NAME, in a clone."""
    (block,) = re.findall(rf"^```sh {name}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return Clone(clone.path, {**clone.variables, **variables}).run("bash", "-euc", block)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Variables by which an administrator reaches a server that speaks S3, IAM and STS."""
    log = tmp_path_factory.mktemp("s3") / "log"
    with s3_server(log) as address:
        keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
        yield {"AWS_ENDPOINT_URL": address, "AWS_DEFAULT_REGION": REGION, "LOG": str(log), **keys}


def methods(cloud: dict[str, str], bucket: str, *, after: int = 0) -> set[str]:
    """What the bucket was asked for so far, but for the first lines of the server's log."""
    lines = Path(cloud["LOG"]).read_text().splitlines()[after:]
    return {found[1] for line in lines if (found := re.search(rf'"([A-Z]+) /{bucket}[/? ]', line))}


def test_the_page_s_commands_lead_to_a_bucket_that_spares_another_machine_the_training(
    main: Clone, cloud: dict[str, str], tmp_path: Path
) -> None:
    setting_up = {**cloud, "BUCKET": "owner-gradus", "REPOSITORY": "owner@1/name@2", "REGION": REGION}
    roles = dict(line.split("=") for line in run_page(main, "aws", **setting_up).splitlines() if "=" in line)
    assert roles.keys() == {"AWS_REGION", "AWS_ROLE_READ", "AWS_ROLE_WRITE"}
    main.dvc("remote", "remove", "storage")
    run_page(main, "remote", **setting_up)

    def with_role(clone: Clone, role: str) -> Clone:
        """Take a role as a job does; the administrator's keys are not there."""
        token, environment = tmp_path / "token&audience=sts.amazonaws.com", tmp_path / "environment"
        token.write_text('{"value": "a.b.c"}')
        github = {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"file://{tmp_path}/token", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
            "RUNNER_TEMP": str(tmp_path), "GITHUB_ENV": str(environment), "GITHUB_RUN_ID": "7", "REGION": REGION,
        }  # fmt: skip
        server = {"AWS_ENDPOINT_URL": cloud["AWS_ENDPOINT_URL"], "AWS_ENDPOINT_URL_STS": cloud["AWS_ENDPOINT_URL"]}
        Clone(clone.path, {**clone.variables, **github, **server}).run(".ci/login", role)
        found = dict(line.split("=", 1) for line in environment.read_text().splitlines())
        return Clone(clone.path, {**clone.variables, **server, **found, "AWS_EC2_METADATA_DISABLED": "true"})

    before = len(Path(cloud["LOG"]).read_text().splitlines())
    with_role(main, roles["AWS_ROLE_WRITE"]).gradus("ci", "push")
    assert methods(cloud, "owner-gradus", after=before) == {"HEAD", "GET", "PUT"}, "what gradus-write may do"
    before = len(Path(cloud["LOG"]).read_text().splitlines())
    other = main.cloned(tmp_path / "other")
    lock, whole = other.path / "dvc.lock", blocks_of((other.path / "dvc.lock").read_text())
    lock.write_text(lock.read_text().replace(whole["  train_lm@lstm:"], ""))
    printed = with_role(other, roles["AWS_ROLE_READ"]).gradus("ci", "run")
    assert "Stage 'train_lm@lstm' is cached - skipping run" in printed
    assert stages_run(printed) == set()
    assert (other.path / "models/lm/lstm/weights.safetensors").exists()
    assert blocks_of(lock.read_text()) == whole
    assert methods(cloud, "owner-gradus", after=before) == {"HEAD", "GET"}, "what gradus-read may do"
    refused = with_role(other, "").run(sys.executable, "-m", "gradus.cli.main", "ci", "run", "--complete", code=1)
    assert "NoCredentialsError" in refused


def test_the_roles_are_what_the_page_says_also_after_a_second_time(main: Clone, cloud: dict[str, str]) -> None:
    run_page(main, "aws", **cloud, BUCKET="owner-other", REPOSITORY="owner/name", REGION=REGION)
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    clients = {name: boto3.client(name, endpoint_url=cloud["AWS_ENDPOINT_URL"], region_name=REGION, **keys)  # type: ignore[call-overload]
               for name in ("iam", "s3")}  # fmt: skip
    made = []
    for name in ("gradus-read", "gradus-write"):
        made.append(clients["iam"].get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])
        made.append(clients["iam"].get_role_policy(RoleName=name, PolicyName="bucket")["PolicyDocument"])
    said = PAGE.read_text().replace("ACCOUNT", "123456789012").replace("OWNER/REPOSITORY", "owner/name")
    blocks = re.findall(r"^```json\n(.*?)^```$", said.replace("BUCKET", "owner-other"), re.MULTILINE | re.DOTALL)
    assert made == [json.loads(block) for block in blocks]
    assert clients["s3"].get_bucket_versioning(Bucket="owner-other")["Status"] == "Enabled"
    closed = clients["s3"].get_public_access_block(Bucket="owner-other")["PublicAccessBlockConfiguration"]
    assert len(closed) == 4 and all(closed.values())


@pytest.mark.parametrize("repository", ["owner", "owner/name:*", "*/name", "owner/na*", "owner/name\n"])
def test_a_repository_that_could_match_others_is_refused(repository: str) -> None:
    command = [sys.executable, ".ci/aws_setup.py", "bucket", repository, REGION]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "expected OWNER/NAME" in done.stderr


def test_only_main_s_gpu_job_may_write() -> None:
    said = PAGE.read_text().partition("## Policies")[2]
    trust, rights = (json.loads(block) for block in re.findall(r"^```json\n(.*?)^```$", said, re.M | re.S)[2:])
    (statement,) = trust["Statement"]
    said_of = statement["Condition"]["StringEquals"]
    assert said_of["token.actions.githubusercontent.com:sub"] == ["repo:OWNER/REPOSITORY:environment:gpu"]
    assert "s3:PutObject" in {each["Action"] for each in rights["Statement"]}
    assert said.count("s3:PutObject") == 1
