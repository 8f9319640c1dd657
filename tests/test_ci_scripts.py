"""The scripts of the workflows, run as GitHub does, with stand-ins for `gh` and `docker`."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

SHA, BASE = "a" * 40, "b" * 40
IMAGE = f"registry.example/python@sha256:{'c' * 64}"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def script(workflow: str, job: str, step: str) -> str:
    """The commands of the step whose name begins with some words."""
    steps = yaml.safe_load(Path(f".github/workflows/{workflow}.yml").read_text())["jobs"][job]["steps"]
    (found,) = [each["run"] for each in steps if each.get("name", "").startswith(step)]
    return str(found)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs a script with some variables and stand-ins, in an empty folder."""

    def run(commands: str, stand_ins: dict[str, str], **variables: str) -> "subprocess.CompletedProcess[str]":
        bin, temp = tmp_path / "bin", tmp_path / "temp"
        for folder in (bin, temp, tmp_path / "work"):
            folder.mkdir(exist_ok=True)
        for name, body in stand_ins.items():
            (bin / name).write_text(f"#!/bin/bash\n{body}\n")
            (bin / name).chmod(0o755)
        files = {name: str(tmp_path / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        environment = {
            "PATH": f"{bin}:{os.environ['PATH']}", "TEMP": str(tmp_path), "RUNNER_TEMP": str(temp),
            "RUNNER_TOOL_CACHE": str(tmp_path / "tools"), "GITHUB_WORKSPACE": str(tmp_path / "work"),
            "AWS_SHARED_CREDENTIALS_FILE": str(temp / "aws"),
            "GITHUB_REPOSITORY": "owner/name", "GITHUB_SERVER_URL": "https://example.com", "GITHUB_RUN_ID": "7",
            **files, **variables,
        }  # fmt: skip
        return subprocess.run(
            ["bash", "-e", "-c", commands], cwd=tmp_path / "work", env=environment, capture_output=True, text=True
        )

    return run


CHOOSE = script("gpu", "commit", "Show the commit")


def choose(run: Run, number: str, answer: str = "", **variables: str) -> "subprocess.CompletedProcess[str]":
    main = {"MAIN": "refs/heads/main", "GITHUB_REF": "refs/heads/main", "NUMBER": number, **variables}
    return run(CHOOSE, {"gh": f'echo "$@" > "$TEMP/asked"; echo "{answer}"'}, **main)


def test_the_reviewer_is_shown_the_commit_that_will_run(run: Run, tmp_path: Path) -> None:
    assert choose(run, "12", f"open owner/name {SHA} {BASE}").returncode == 0
    assert (tmp_path / "asked").read_text().startswith("api repos/owner/name/pulls/12 --jq")
    assert (tmp_path / "github_output").read_text() == f"number=12\nsha={SHA}\nbase={BASE}\n"
    summary = (tmp_path / "github_step_summary").read_text()
    assert f"pull request [12](https://example.com/owner/name/pull/12) at commit `{SHA}`" in summary
    assert f"https://example.com/owner/name/compare/{BASE}...{SHA}" in summary


def test_without_a_number_nobody_is_asked(run: Run, tmp_path: Path) -> None:
    assert choose(run, "").returncode == 0
    assert not (tmp_path / "asked").exists()
    assert not (tmp_path / "github_output").exists()


@pytest.mark.parametrize("number", ["0", "-1", "1/../2", "1 2", "1\n2", "$(touch x)", "1; touch x", "٣", "1" * 10, "x"])
def test_what_is_no_number_is_refused_before_anything_is_asked(run: Run, tmp_path: Path, number: str) -> None:
    done = choose(run, number, f"open owner/name {SHA} {BASE}")
    assert (done.returncode, done.stdout) == (1, "::error::pull_request: expected a number, such as 12\n")
    assert not (tmp_path / "asked").exists()
    assert not (tmp_path / "work/x").exists()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (f"closed owner/name {SHA} {BASE}", "expected an open pull request"),
        (f"open fork/name {SHA} {BASE}", "expected a branch of this repository, not of a fork"),
        (f"open none {SHA} {BASE}", "expected a branch of this repository, not of a fork"),
        (f"open owner/name main {BASE}", "expected two commits in the answer of GitHub"),
        (f"open owner/name {SHA} {BASE} x=y", "expected two commits in the answer of GitHub"),
        (f"open owner/name {SHA}", "expected two commits in the answer of GitHub"),
        ("", "expected an open pull request"),
    ],
)
def test_a_pull_request_that_must_not_run_is_refused(run: Run, tmp_path: Path, answer: str, message: str) -> None:
    done = choose(run, "12", answer)
    assert (done.returncode, done.stdout) == (1, f"::error::{message}\n")
    assert not (tmp_path / "github_output").exists()


@pytest.mark.parametrize("ref", ["refs/heads/other", "refs/tags/main", "refs/pull/12/merge", "main"])
@pytest.mark.parametrize("number", ["", "12"])
def test_a_start_from_another_branch_is_refused(run: Run, ref: str, number: str) -> None:
    done = choose(run, number, f"open owner/name {SHA} {BASE}", GITHUB_REF=ref)
    assert done.returncode == 1
    assert done.stdout == "::error::expected a start from refs/heads/main, where this file was reviewed\n"


CONTAINER = script("gpu", "pull-request", "Run the pull request in a container")
KEEP = script("gpu", "pull-request", "Copy only plain files")
RECORD = 'printf "%s\\n" "$@" > "$TEMP/arguments"'


def test_the_container_gets_its_own_cache_its_own_tree_and_nothing_else(run: Run, tmp_path: Path) -> None:
    done = run(CONTAINER, {"docker": RECORD}, IMAGE=IMAGE, NUMBER="12", BASE=BASE)
    assert done.returncode == 0, done.stderr
    arguments = (tmp_path / "arguments").read_text().splitlines()
    given = {flag: [b for a, b in zip(arguments, arguments[1:], strict=False) if a == flag] for flag in arguments}
    assert given["--volume"] == [
        f"{tmp_path}/temp/aws:/aws:ro",
        f"{tmp_path}/work/source:/source:ro",
        f"{tmp_path}/tools/gradus/pull-request-12:/cache",
        f"{tmp_path}/temp/out:/out",
    ]
    assert given["--env"] == [
        "HOME=/tmp", "USER=gradus", "JOBS=1", "DVC_NO_ANALYTICS", "BASE",
        "AWS_SHARED_CREDENTIALS_FILE=/aws", "AWS_DEFAULT_REGION", "AWS_EC2_METADATA_DISABLED",
    ]  # fmt: skip
    assert "TOKEN" not in "".join(arguments)
    assert given["--user"] == [f"{os.getuid()}:{os.getgid()}"]
    assert (given["--cap-drop"], given["--security-opt"]) == (["ALL"], ["no-new-privileges"])
    assert not {"--privileged", "--mount", "--env-file", "-v", "-e", "--pid", "--ipc", "--network"} & set(arguments)
    flags = arguments[: arguments.index(IMAGE)]
    assert not [flag for flag in flags if "docker.sock" in flag]


@pytest.mark.parametrize(
    "image", ["", "python:3.12", f"{IMAGE}0", f"--privileged {IMAGE}", f"-v/:/x@sha256:{'c' * 64}"]
)
def test_an_image_without_its_digest_is_refused(run: Run, tmp_path: Path, image: str) -> None:
    done = run(CONTAINER, {"docker": RECORD}, IMAGE=image, NUMBER="12", BASE=BASE)
    assert done.returncode == 1
    assert "::error::GPU_IMAGE: expected" in done.stdout
    assert not (tmp_path / "arguments").exists()


def test_only_plain_files_leave_the_container(run: Run, tmp_path: Path) -> None:
    out, secret = tmp_path / "temp/out", tmp_path / "secret"
    (out / "results/metrics").mkdir(parents=True)
    secret.mkdir()
    (secret / "key").write_text("key")
    (out / "results/metrics/lstm.json").write_text("{}")
    (out / "results/metrics/gru.json").symlink_to(secret / "key")
    (out / "results/folder").symlink_to(secret)
    os.mkfifo(out / "results/pipe")
    (out / "report.html").symlink_to(secret / "key")
    (out / "comment.md").write_text("x" * 100_000)
    (out / "other").write_text("not asked for")
    done = run(KEEP, {})
    assert done.returncode == 0, done.stderr
    kept = tmp_path / "temp/kept"
    assert {path.relative_to(kept).as_posix() for path in kept.rglob("*") if not path.is_dir()} == {
        "results/metrics/lstm.json", "comment.md",
    }  # fmt: skip
    assert (tmp_path / "github_step_summary").read_text() == "x" * 65536


@pytest.mark.parametrize("name", ["results", "comment.md"])
def test_a_link_in_place_of_the_results_leads_nowhere(run: Run, tmp_path: Path, name: str) -> None:
    out = tmp_path / "temp/out"
    (out / "results").mkdir(parents=True)
    for file in ("results/dvc.lock", "report.html", "comment.md"):
        (out / file).write_text("plain")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key").write_text("secret")
    (out / name).rename(out / "aside")
    (out / name).symlink_to(tmp_path / "secret" / ("" if name == "results" else "key"))
    run(KEEP, {})
    everything = [path.read_text() for path in (tmp_path / "temp/kept").rglob("*") if path.is_file()]
    summary = tmp_path / "github_step_summary"
    assert "secret" not in "".join(everything) + (summary.read_text() if summary.exists() else "")


COMMENT = script("comment", "comment", "Check the size and type")
GH = """case "$1 $2" in
"api "*) echo "$PACKED" ;;
"run download") mkdir comment && cd comment && eval "$MAKE" ;;
"pr comment") echo "$@" > "$TEMP/commented" ;;
esac"""


@pytest.mark.parametrize(
    ("make", "packed", "posted"),
    [
        ("printf 'größe' > comment.md", "100", True),
        ("head -c 65536 /dev/zero | tr '\\0' x > comment.md", "100", True),
        ("head -c 65537 /dev/zero | tr '\\0' x > comment.md", "100", False),
        ("echo fine > comment.md", "65537", False),
        ("echo fine > comment.md", "null", False),
        ("ln -s /etc/passwd comment.md", "100", False),
        ("mkfifo comment.md", "100", False),
        ("mkdir comment.md", "100", False),
        ("echo fine > comment.md; echo more > other", "100", False),
        ("echo fine > other", "100", False),
        (":", "100", False),
        ("printf '\\xff\\xfe' > comment.md", "100", False),
    ],
)
def test_only_a_short_plain_text_becomes_a_comment(
    run: Run, tmp_path: Path, make: str, packed: str, posted: bool
) -> None:
    done = run(COMMENT, {"gh": GH}, MAKE=make, PACKED=packed, PR="12", GH_REPO="owner/name")
    assert (done.returncode == 0) is posted, done.stdout + done.stderr
    assert (tmp_path / "commented").exists() is posted


@pytest.mark.parametrize(("gate", "code"), [("0", 0), ("1", 1), ("2", 1), ("", 1), ("0; true", 1)])
def test_the_gate_fails_unless_it_was_passed(run: Run, gate: str, code: int) -> None:
    assert run(script("pull-request", "gate", "Fail if"), {}, GATE=gate).returncode == code


BROWSER = str(Path(".ci/browser").resolve())
APT = 'echo "$@" >> "$TEMP/asked"; exit ${APT:-0}'


def test_continuous_integration_installs_what_the_tests_of_the_page_need(run: Run, tmp_path: Path) -> None:
    done = run(BROWSER, {"apt-get": APT, "dpkg": "exit 1", "id": "echo 0"})
    assert (done.returncode, done.stderr) == (0, "")
    asked = [line.split() for line in (tmp_path / "asked").read_text().splitlines()]
    assert "update" in asked[0]
    assert {"install", "fonts-noto-core", "fonts-noto-cjk"} <= set(asked[1])


def test_what_is_installed_is_not_installed_again(run: Run, tmp_path: Path) -> None:
    assert run(BROWSER, {"apt-get": APT, "dpkg": "exit 0"}).returncode == 0
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("user", ["0", "1000"])
def test_a_machine_without_packages_goes_on_and_says_what_is_skipped(run: Run, user: str) -> None:
    done = run(BROWSER, {"apt-get": APT, "dpkg": "exit 1", "id": f"echo {user}", "sudo": "exit 1"}, APT="100")
    assert done.returncode == 0
    assert done.stderr.startswith("cannot install fonts-noto-core fonts-noto-cjk")
    assert done.stderr.rstrip().endswith("the tests of the page are skipped")
