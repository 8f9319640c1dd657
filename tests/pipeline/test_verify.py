import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.errors import InputError
from gradus.params import read_section
from gradus.pipeline.dvc import dvc
from gradus.pipeline.verify import content_hash, verify

TWO_OUTS = """\
stages:
  write:
    cmd: mkdir -p folder/deep/er folder/Z && echo a > folder/b && echo c > folder/deep/er/d && touch folder/Z/empty && echo e > file
    outs: [folder, file]
"""  # noqa: E501


@pytest.fixture
def written(project: Path) -> Path:
    (project / "dvc.yaml").write_text(TWO_OUTS)
    (project / ".dvcignore").write_text("__pycache__/\n*.pyc\n*.part\n")
    dvc("repro")
    return project


def test_hashes_equal_those_of_dvc(written: Path) -> None:
    outs = {out["path"]: out["md5"] for out in read_section(written / "dvc.lock", "stages")["write"]["outs"]}
    assert content_hash(written / "file") == outs["file"] == "9ffbf43126e33be52cd2bf7e01d627f9"  # md5sum of "e\n"
    assert content_hash(written / "folder") == outs["folder"]


def test_the_hash_of_a_folder_omits_ignored_files(written: Path) -> None:
    before = content_hash(written / "folder")
    (written / "folder/__pycache__").mkdir()
    (written / "folder/__pycache__/x.pyc").write_bytes(b"x")
    (written / "folder/new.part").write_bytes(b"x")
    assert content_hash(written / "folder") == before


def test_verify_finds_a_changed_byte_that_dvc_overlooks(written: Path) -> None:
    path = written / "folder/b"
    times = path.stat()
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.write(b"A")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert "up to date" in dvc("status")
    result = CliRunner().invoke(app, ["verify"])
    assert result.exit_code == 1
    assert "changed: folder (output of write)" in result.output
    assert "2 outputs: 1 same, 1 changed, 0 missing" in result.output


def test_a_missing_output_is_counted_but_not_a_failure(written: Path) -> None:
    (written / "file").unlink()
    result = CliRunner().invoke(app, ["verify"])
    assert result.exit_code == 0
    assert "missing: file (output of write)" in result.output
    assert "2 outputs: 1 same, 0 changed, 1 missing" in result.output


def test_a_former_stage_is_skipped(written: Path) -> None:
    (written / "dvc.yaml").write_text(TWO_OUTS.replace("write:", "written:"))
    dvc("repro")
    assert "write" in read_section(written / "dvc.lock", "stages")  # DVC keeps the old entry
    assert "2 outputs: 2 same" in CliRunner().invoke(app, ["verify"]).output


def test_a_missing_lock_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a lock file of DVC, found no file; run dvc repro"):
        list(verify(tmp_path / "dvc.lock", tmp_path, ["write"]))
