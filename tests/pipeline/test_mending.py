"""Repair of the files that a killed DVC command leaves behind."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gradus.cli.main import app
from gradus.pipeline.dvc import dvc, environment
from gradus.pipeline.lock import fault_of, parse

pytestmark = pytest.mark.xdist_group("mending")  # the tests share one template

ITEMS = 4
MODELS = {f"m{number}": {"number": number, "note": "x" * 1000} for number in range(ITEMS)}
PARAMS = {"ci": {"tolerance": 0.001}, "train_lm": MODELS}
PIPELINE = """\
stages:
  train_lm:
    matrix: {name: "${train_lm}"}
    cmd: exec python work.py models ${item}
    deps: [work.py]
    params: ["train_lm.${item.name}"]
    outs: ["models/${item.name}"]
  evaluate_lm:
    matrix: {name: "${train_lm}"}
    cmd: exec python work.py metrics ${item}
    deps: [work.py, "models/${item.name}"]
    metrics:
      - metrics/${item.name}: {cache: false}
"""
WORK = """\
import os, pathlib, sys
folder, _, name = sys.argv[1:]
pathlib.Path(folder).mkdir(exist_ok=True)
pathlib.Path(folder, name).write_text(name)
with open("ran.log", "a") as log:
    log.write(os.environ["DVC_STAGE"] + "\\n")
"""


def gradus(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def items(project: Path, commit: Callable[[str], None]) -> Path:
    """Commit a pipeline that trains and evaluates several models."""
    (project / "params.yaml").write_text(json.dumps(PARAMS))
    (project / "dvc.yaml").write_text(PIPELINE)
    (project / "work.py").write_text(WORK)
    (project / ".gitignore").write_text("/models/\n/metrics/\nran.log\n.gradus/\n")
    commit("start")
    return project


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that keeps the finished project for the next test."""
    return tmp_path_factory.mktemp("template") / "project"


@pytest.fixture
def done(items: Path, template: Path) -> Path:
    """Return a project whose pipeline has run; it runs only once for all tests."""
    if template.exists():
        shutil.copytree(template, items, dirs_exist_ok=True)
    else:
        assert gradus("repro").exit_code == 0
        shutil.copytree(items, template)
    return items


def stages_run(project: Path) -> list[str]:
    """Return the stages that ran since the last call."""
    log = project / "ran.log"
    ran = log.read_text().split() if log.exists() else []
    log.write_text("")
    return ran


def test_commands_refuse_a_truncated_lock_and_mend_repairs_it(done: Path) -> None:
    lock, whole = done / "dvc.lock", (done / "dvc.lock").read_text()
    for length in (0, 10, len(whole) // 3, len(whole) // 2, len(whole) - 1):
        lock.write_text(whole[:length])
        for command in (("verify",), ("ci", "report", "--base", "HEAD"), ("recipe", "none_such")):
            result = gradus(*command)
            assert result.exit_code == 2
            if command[0] != "recipe":  # reports its unknown name first
                assert "dvc.lock: expected a valid lock file of DVC, found " in result.output
                assert result.output.endswith("; run gradus mend\n") and result.output.count("\n") == 1
        result = gradus("mend")
        assert result.exit_code == 0
        assert result.output.startswith("repaired dvc.lock (") and result.output.count("\n") == 1
        assert lock.read_text() == whole
        assert Path(result.output.split()[-1]).read_text() == whole[:length]
    assert gradus("mend").output == "Nothing is damaged.\n"
    stages_run(done)
    dvc("repro")
    assert stages_run(done) == []


def test_repro_mends_the_lock_at_its_start_and_runs_no_stage_again(done: Path) -> None:
    lock, whole = done / "dvc.lock", (done / "dvc.lock").read_text()
    stages_run(done)
    for cut in (whole[: len(whole) // 2], whole[: whole.rindex("\n  evaluate_lm") + 1]):  # the second is valid YAML
        lock.write_text(cut)
        result = gradus("repro")
        assert result.output.startswith("repaired dvc.lock (")
        assert result.output.endswith("Nothing has changed; no stage runs.\n")
        assert lock.read_text() == whole
    assert stages_run(done) == []


def test_repro_mends_the_lock_at_its_end(items: Path) -> None:
    breaking = (
        'import pathlib, os\nif os.environ["DVC_STAGE"].endswith("m2"): pathlib.Path("dvc.lock").write_text("sch")\n'
    )
    (items / "work.py").write_text(breaking + WORK + '    assert not os.environ["DVC_STAGE"].endswith("m2")\n')
    result = gradus("repro", "--jobs", "1")
    assert result.exit_code == 1
    assert "\nrepaired dvc.lock (an incomplete last line): " in result.output
    assert fault_of((items / "dvc.lock").read_text()) is None


def test_a_shorter_lock_that_is_committed_stays(done: Path, commit: Callable[[str], None]) -> None:
    whole = (done / "dvc.lock").read_text()
    shorter = whole[: whole.rindex("\n  evaluate_lm") + 1]
    (done / "dvc.lock").write_text(shorter)
    commit("shorter")
    assert gradus("mend").output == "Nothing is damaged.\n"
    assert (done / "dvc.lock").read_text() == shorter


def test_without_a_backup_results_come_from_the_commit_or_the_run_cache(
    done: Path, commit: Callable[[str], None]
) -> None:
    whole = (done / "dvc.lock").read_text()
    stages_run(done)
    (done / ".gradus/dvc.lock").unlink()
    (done / "dvc.lock").write_text("")
    assert " to .gradus/dvc.lock.damaged1; no entry could be restored" in gradus("mend").output
    assert not (done / "dvc.lock").exists()
    assert gradus("repro").exit_code == 0
    assert stages_run(done) == []
    commit("results")
    (done / ".gradus/dvc.lock").unlink()
    (done / "dvc.lock").write_text(whole[:500])
    assert gradus("mend").output.startswith("repaired dvc.lock (")
    assert parse((done / "dvc.lock").read_text()) == parse(whole)


def test_mend_waits_while_dvc_writes_the_lock(done: Path) -> None:
    """A running DVC command holds a lock of its own, and may have written only a part of dvc.lock."""
    lock, whole = done / "dvc.lock", (done / "dvc.lock").read_text()
    lock.write_text(whole[:1000])
    code = (
        "import sys, time, pathlib, zc.lockfile; held = zc.lockfile.LockFile('.dvc/tmp/lock'); print(flush=True); "
        "time.sleep(1); pathlib.Path('dvc.lock').write_text(sys.stdin.read())"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as writer:
        assert writer.stdout is not None and writer.stdin is not None
        writer.stdout.readline()
        writer.stdin.write(whole)
        writer.stdin.close()
        assert gradus("mend").output == "Nothing is damaged.\n"


@pytest.mark.parametrize(
    ("content", "mended"),
    [
        ("", True),
        ('{"write": {"models/m1": {"pi', True),
        ("[]", True),
        ("[" * 100_000, True),
        ('{"write": {"models/m1": {"pid": 1, "cmd": "dvc repro"}}}', True),  # process 1 is another program
        ('{"read": {"work.py": [{"pid": 4194305, "cmd": "dvc repro"}]}}', True),
        ('{"read": {"work.py": [{"pid": 10000000000000000000000, "cmd": "dvc repro"}]}}', True),
        ("{}", False),
        ('{"write": {}, "read": {}}', False),
    ],
)
def test_a_damaged_rwlock_is_mended(done: Path, content: str, mended: bool) -> None:
    path = done / ".dvc/tmp/rwlock"
    path.write_text(content)
    assert gradus("mend").output.startswith("repaired .dvc/tmp/rwlock (" if mended else "Nothing is damaged.")
    assert json.loads(path.read_text()) in ({}, {"write": {}, "read": {}}, {"write": {}}, {"read": {}})
    dvc("repro", "--force", "train_lm@m1")


def test_rwlock_entries_of_a_running_command_stay(items: Path) -> None:
    (items / "work.py").write_text("import time; open('begun', 'w').close(); time.sleep(60)\n")
    with subprocess.Popen([sys.executable, "-m", "dvc", "repro"], env=environment(), process_group=0, stdout=-1) as run:
        while not (items / "begun").exists():
            time.sleep(0.05)
        before = (items / ".dvc/tmp/rwlock").read_text()
        assert str(run.pid) in before
        assert gradus("mend").output == "Nothing is damaged.\n"
        assert (items / ".dvc/tmp/rwlock").read_text() == before
        os.killpg(run.pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_killed_runs_lose_no_recorded_result(items: Path, seed: int) -> None:
    """Kill runs until one finishes; a stage in the run cache or the lock file never runs again."""
    draw = random.Random(seed)
    ways = [[sys.executable, "-m", "dvc", "repro"], [sys.executable, "-m", "gradus.cli.main", "repro"]]
    recorded: set[str] = set()
    for longest in (6.0, 6.0, 6.0, 120.0):
        number = draw.choice([signal.SIGKILL, signal.SIGINT])
        run = subprocess.Popen(draw.choice(ways), env=environment(), process_group=0, stdout=subprocess.DEVNULL)
        try:
            run.wait(timeout=longest if longest > 6 else draw.uniform(1.0, longest))
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, number)
            run.wait()
        await_orphans(items)
        assert not recorded & set(stages_run(items))
        assert gradus("mend").exit_code == 0
        recorded |= in_run_cache(items) | set(parse(lock_text(items))["stages"])
    assert run.returncode == 0
    assert sorted(path.name for path in (items / "metrics").iterdir()) == sorted(PARAMS["train_lm"])
    dvc("repro")
    assert stages_run(items) == []


def await_orphans(project: Path) -> None:
    """Wait for stages that survive their killed DVC process for a moment."""
    before = None
    while before != (before := (project / "ran.log").read_text() if (project / "ran.log").exists() else ""):
        time.sleep(0.5)


def lock_text(project: Path) -> str:
    return (project / "dvc.lock").read_text() if (project / "dvc.lock").exists() else "stages: {}\n"


def in_run_cache(project: Path) -> set[str]:
    names = {"models": "train_lm", "metrics": "evaluate_lm"}
    found = set()
    for path in (project / ".dvc/cache/runs").glob("*/*/*"):
        if len(path.name) == 64:  # other files are incomplete
            *_, folder, _, item = parse(path.read_text())["cmd"].split()
            found.add(f"{names[folder]}@{item}")
    return found
