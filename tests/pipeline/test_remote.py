import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.pipeline.dvc import dvc, stale_stages
from gradus.pipeline.lock import blocks_of


@pytest.fixture
def shared(small: Path, commit: Callable[[str], None], tmp_path: Path) -> Path:
    """Return a remote with outputs and run cache; the project has only the files in git."""
    pipeline = (small / "dvc.yaml").read_text()
    (small / "dvc.yaml").write_text(pipeline[: pipeline.index("  evaluate_lm:")])  # its stage fails
    dvc("repro")
    dvc("remote", "add", "--default", "storage", str(tmp_path / "remote"))
    dvc("config", "remote.storage.verify", "true")
    assert gradus("ci", "push")[0] == 0
    commit("results")
    shutil.rmtree(small / "models")
    shutil.rmtree(small / ".dvc/cache")
    return tmp_path / "remote"


def gradus(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


@pytest.mark.slow
def test_repro_pull_takes_results_from_the_run_cache_and_fetches_nothing_else(small: Path, shared: Path) -> None:
    lock = (small / "dvc.lock").read_text()
    (small / "dvc.lock").write_text(lock.replace(blocks_of(lock)["  train_mt@plain:"], ""))
    code, printed = gradus("repro", "--pull")
    assert code == 0, printed
    assert "Stage 'train_mt@plain' is cached - skipping run" in printed
    assert "Running stage" not in printed
    assert (small / "models/mt/plain/weights").read_text() == "plain"
    assert not (small / "models/mt/attention").exists()
    assert blocks_of((small / "dvc.lock").read_text()) == blocks_of(lock)


@pytest.mark.slow
def test_complete_makes_the_outputs_that_the_remote_lacks(small: Path, shared: Path) -> None:
    shutil.rmtree(shared / "runs")
    shutil.rmtree(shared / "files")
    assert gradus("ci", "run") == (0, "Nothing has changed; no stage runs.\n")
    code, printed = gradus("ci", "run", "--complete")
    assert code == 0, printed
    assert "[train_mt@plain] Running stage 'train_mt@plain':" in printed
    assert (small / "models/mt/plain/weights").read_text() == "plain"


@pytest.mark.slow
def test_an_unreadable_remote_is_an_error_only_with_complete(small: Path, shared: Path) -> None:
    dvc("remote", "modify", "storage", "url", "ssh://nowhere.invalid/x")  # its plugin is not installed
    code, printed = gradus("ci", "run", "--complete")
    assert code == 1
    assert printed.startswith("error: dvc runs storage failed with exit code 1: ")
    code, printed = gradus("ci", "run")
    assert code == 0, printed
    assert printed.startswith("::warning::the remote storage cannot be read, so every changed stage runs here: ")
    assert (small / "models/mt/plain/weights").exists()


def test_without_a_remote_nothing_is_pulled_or_pushed(small: Path) -> None:
    assert gradus("ci", "push") == (0, "There is no remote to push to.\n")
    code, printed = gradus("repro", "--pull")
    assert code == 2
    assert printed == (
        "error: remote: expected the name of a DVC remote, found ''; run dvc remote add --default NAME URL\n"
    )


@pytest.mark.parametrize(
    ("changes", "stale"),
    [
        ([{"changed deps": {"data": "deleted"}}, {"changed outs": {"model": "not in cache"}}], False),
        ([{"changed deps": {"data": "deleted", "code.py": "modified"}}], True),
        ([{"changed deps": {"params.yaml": {"rate": "modified"}}}, {"changed outs": {"model": "deleted"}}], True),
        ([{"changed outs": {"model": "deleted"}}, "changed command"], True),
        ([{"changed outs": {"model": "modified"}}], True),
    ],
)
def test_changed_files_make_a_stage_stale_but_missing_files_do_not(
    monkeypatch: pytest.MonkeyPatch, changes: list[Any], stale: bool
) -> None:
    monkeypatch.setattr("gradus.pipeline.dvc.dvc_json", lambda *_: {"train": changes})
    graph: dict[str, set[str]] = {"train": set(), "evaluate": {"train"}, "other": set()}
    expected = {"train", "evaluate"}
    assert stale_stages(graph, skip_missing=True) == (expected if stale else set())
    assert stale_stages(graph) == expected
    assert stale_stages(graph, skip_missing=True, besides=["other"]) == (expected if stale else set()) | {"other"}


OUT = {"path": "models/a", "hash": "md5", "md5": "0" * 32, "size": 1}
RUN = {"cmd": "train a", "deps": [{"path": "work.py", "hash": "md5", "md5": "1" * 32, "size": 2}], "outs": [OUT]}


def entry(**changes: Any) -> tuple[str, str, str]:
    """Return the content of a run-cache entry and the two hashes that form its name."""
    from dvc.stage.cache import _get_cache_hash

    run = {**copy.deepcopy(RUN), **changes}
    return json.dumps(run), *(_get_cache_hash(copy.deepcopy(run), key=only) for only in (True, False))  # type: ignore[return-value]


def caches(folder: Path) -> list[Any]:
    from dvc.fs import LocalFileSystem

    return [SimpleNamespace(fs=LocalFileSystem(), path=str(folder / name)) for name in ("remote", "here")]


def put(folder: Path, content: str, *name: str) -> None:
    place = folder.joinpath("remote/runs", *name)
    place.parent.mkdir(parents=True)
    place.write_text(content)


def files_after_transfer(folder: Path) -> list[str]:
    from gradus.pipeline.guarded_dvc import transfer

    transfer(None, *caches(folder))  # type: ignore[arg-type]
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_an_entry_with_matching_hashes_is_copied_once(tmp_path: Path) -> None:
    from gradus.pipeline.guarded_dvc import transfer

    content, key, value = entry()
    put(tmp_path, content, key[:2], key, value)
    assert transfer(None, *caches(tmp_path)) == [(key, value)]  # type: ignore[arg-type]
    assert (tmp_path / "here/runs" / key[:2] / key / value).read_text() == content
    assert transfer(None, *caches(tmp_path)) == []  # type: ignore[arg-type]


OTHER = {"path": "../../.bashrc", "hash": "md5", "md5": "0" * 32}
LISTED = {**OUT, "files": [{"relpath": "../../.bashrc", "md5": "0" * 32}]}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (entry(outs=[OTHER])[0], entry()[1:]),  # not an output of the stage
        (entry(outs=[{**OUT, "md5": "2" * 32}])[0], entry()[1:]),  # an output with another hash
        (entry(outs=[LISTED])[0], entry(outs=[LISTED])[1:]),  # correct hashes, but with a second list of paths
        ("", entry()[1:]), ("[1]", entry()[1:]), ("{", entry()[1:]), ("&a [*a]", entry()[1:]), ("\0", entry()[1:]),
        (" " * (1 << 18) + entry()[0], entry()[1:]),
    ],
)  # fmt: skip
def test_an_entry_with_other_hashes_is_not_copied(tmp_path: Path, content: str, name: tuple[str, str]) -> None:
    put(tmp_path, content, name[0][:2], *name)
    assert len(files_after_transfer(tmp_path)) == 1


@pytest.mark.parametrize("name", ["../../evil", "x", f"00/{'0' * 64}/../../../evil", f"ab/{'0' * 64}/{'0' * 64}"])
def test_a_file_with_an_invalid_name_is_not_read(tmp_path: Path, name: str) -> None:
    from gradus.pipeline.guarded_dvc import transfer

    remote, here = caches(tmp_path)
    remote.fs = SimpleNamespace(
        find=lambda root: [f"{root}/{name}"],
        open=lambda *_: pytest.fail("it was read"),
        join=remote.fs.join,
        relpath=lambda path, root: path.removeprefix(f"{root}/"),
        as_posix=remote.fs.as_posix,
    )
    assert transfer(None, remote, here) == []  # type: ignore[arg-type]
    assert not (tmp_path / "here").exists()


MIXING = """\
stages:
  train:
    matrix: {name: "${train_lm}"}
    cmd: exec python -c "import pathlib; pathlib.Path('models/lm/${item.name}').write_text('${item.name}')"
    params: ["train_lm.${item.name}"]
    outs: ["models/lm/${item.name}"]
  mix:
    cmd: exec python -c "import os; open('mixed', 'w').write(' '.join(sorted(os.listdir('models/lm'))))"
    deps: [models/lm]
    outs: [mixed]
"""


@pytest.mark.slow
def test_a_stage_that_reads_a_folder_of_outputs_gets_the_unchanged_ones_too(
    project: Path, commit: Callable[[str], None], tmp_path: Path
) -> None:
    (project / "params.yaml").write_text("train_lm: {rnn: {hidden: 4}, lstm: {hidden: 4}, gru: {hidden: 4}}\n")
    (project / "dvc.yaml").write_text(MIXING)
    (project / ".gitignore").write_text("/models/\n/mixed\n/.gradus/\n")
    (project / "models/lm").mkdir(parents=True)
    dvc("repro")
    dvc("remote", "add", "--default", "storage", str(tmp_path / "remote"))
    dvc("config", "remote.storage.verify", "true")
    dvc("push")
    commit("results")
    for place in ("models/lm", ".dvc/cache"):
        shutil.rmtree(project / place)
    (project / "models/lm").mkdir()
    (project / "params.yaml").write_text("train_lm: {rnn: {hidden: 5}, lstm: {hidden: 4}, gru: {hidden: 4}}\n")
    code, printed = gradus("repro", "--pull")
    assert code == 0, printed
    assert "Running stage 'train@rnn'" in printed and "Running stage 'train@lstm'" not in printed
    assert (project / "mixed").read_text() == "gru lstm rnn"
