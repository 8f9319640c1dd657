import hashlib
import json
import resource
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.pipeline.dvc import dvc


@pytest.fixture
def shared(small: Path, commit: Callable[[str], None], tmp_path: Path) -> Path:
    """Return a remote with the outputs of the pipeline; the project has lost them and its DVC cache."""
    dvc("repro", "evaluate_mt")
    dvc("remote", "add", "--default", "storage", str(tmp_path / "remote"))
    dvc("config", "remote.storage.verify", "true")
    dvc("push")
    commit("results")
    shutil.rmtree(small / "models")
    shutil.rmtree(small / ".dvc/cache")
    for path in (tmp_path / "remote").rglob("*"):
        path.chmod(0o755)
    return tmp_path / "remote"


def file_list(remote: Path) -> Path:
    return sorted(remote.rglob("*.dir"))[0]


def all_files(root: Path) -> set[str]:
    """Return all files next to and inside the project, except in the folders of DVC and git."""
    own = (".dvc/", ".git/")
    names = (path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir())
    return {
        name for name in names if not name.removeprefix("project/").startswith(own) and not name.startswith("site/")
    }


@pytest.mark.slow
def test_pull_refuses_a_file_list_with_outside_paths_and_accepts_a_correct_one(small: Path, shared: Path) -> None:
    path = file_list(shared)
    right = path.read_text()
    path.write_text(right.replace('"relpath": "weights"', '"relpath": "../../../../evil"'))
    before = all_files(small.parent)
    result = CliRunner().invoke(app, ["pull"])
    assert result.exit_code == 1
    assert "dvc pull failed with exit code" in result.output
    assert all_files(small.parent) == before
    path.write_text(right)
    result = CliRunner().invoke(app, ["pull"])
    assert result.exit_code == 0, result.output
    assert result.output.endswith("4 outputs: 4 same, 0 changed, 0 missing\n")
    assert (small / "models/mt/plain/weights").read_text() == "plain"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


@pytest.mark.parametrize("content", [b"other", b"x" * (8 << 20)])
def test_pull_discards_a_file_with_another_hash_or_size(
    small: Path, shared: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradus.pipeline.pull._LARGEST_DVC_FILE", 1 << 20)
    for path in shared.rglob("*"):
        if path.is_file() and path.read_text() == "plain":
            path.write_bytes(content)
    result = CliRunner().invoke(app, ["pull"])
    assert (result.exit_code, len(content) > 5) in ((0, False), (1, True)), result.output
    assert ("missing: models/mt/plain (output of train_mt@plain)" in result.output) is (len(content) == 5)
    assert not (small / "models/mt/plain/weights").exists()
    sizes = [path.stat().st_size for path in small.rglob("*") if path.is_file()]
    assert max(sizes) < 2 << 20


def test_pull_refuses_an_unknown_or_unverified_remote(small: Path) -> None:
    (small / "dvc.lock").write_text("schema: '2.0'\nstages: {}\n")
    for message in (
        "error: remote: expected the name of a DVC remote, found ''",
        "error: remote s: expected the setting verify with the value true",
    ):
        result = CliRunner().invoke(app, ["pull"])
        assert result.exit_code == 2
        assert result.output.startswith(message)
        assert result.output.count("\n") == 1
        dvc("remote", "add", "--default", "--force", "s", "/nowhere")


def load_file_list(content: bytes, name: str = "") -> list[tuple[tuple[str, ...], str]]:
    """Load a file list that a remote sends for a hash, by default the correct hash of the list."""
    from dvc.exceptions import DvcException

    from gradus.pipeline.guarded_dvc import load

    value = name or f"{hashlib.md5(content).hexdigest()}.dir"
    listed = SimpleNamespace(path="remote/ab/c.dir", fs=SimpleNamespace(open=lambda path, mode: BytesIO(content)))
    odb = SimpleNamespace(get=lambda value: listed, hash_name="md5")
    try:
        tree = load(odb, SimpleNamespace(value=value))
    except DvcException as error:
        raise PermissionError(str(error)) from None
    return [(parts, info.value) for parts, _, info in tree]


SUM = "0" * 32


def test_a_file_list_with_the_correct_hash_is_accepted() -> None:
    content = json.dumps([{"md5": SUM, "relpath": "a"}, {"md5": SUM, "relpath": "b/..c"}]).encode()
    assert load_file_list(content) == [(("a",), SUM), (("b", "..c"), SUM)]
    with pytest.raises(PermissionError, match="'remote/ab/c.dir': expected a file list with the hash"):
        load_file_list(content, f"{SUM}.dir")


@pytest.mark.parametrize(
    "entry",
    [
        *({"md5": SUM, "relpath": name} for name in ("..", "../a", "a/../b", "/a", "", ".", "a//b", "a/", "\0", 1)),
        *({"md5": value, "relpath": "a"} for value in ("../../x", SUM[:-1], SUM + "\n", "", 1, None, [SUM])),
        {"relpath": "a"}, {"md5": SUM}, {}, [], 1, "a", None,
    ],
)  # fmt: skip
def test_a_file_list_with_invalid_entries_is_refused_despite_its_correct_hash(entry: object) -> None:
    with pytest.raises(PermissionError, match="with paths inside the folder"):
        load_file_list(json.dumps([{"md5": SUM, "relpath": "fine"}, entry]).encode())


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"1", b"null", b"[" * 100_000, b'{"a": 1}'])
def test_content_that_is_not_a_file_list_is_refused(content: bytes) -> None:
    with pytest.raises(PermissionError):
        load_file_list(content)


def test_a_file_list_above_the_maximum_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradus.pipeline.guarded_dvc.LARGEST", 10)
    with pytest.raises(PermissionError):
        load_file_list(b"[]" + b" " * 9)
    assert load_file_list(b"[]" + b" " * 8) == []
