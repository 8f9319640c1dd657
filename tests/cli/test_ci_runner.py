import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.review.markdown import COMMENT_LIMIT

LOCK = "schema: '2.0'\nstages:\n  train:\n    cmd: x\n"
PARAMS = "seed: 1\ndevice: auto           # auto takes a GPU where there is one\nlong: {a: 1,   b: 2}\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, content in {
        "params.yaml": PARAMS, "dvc.lock": LOCK, "metrics/lm/lstm.json": '{"nats": 1.5}',
        "metrics/plots/ladder.svg": "<svg/>", "metrics/report/index.html": "<!doctype html>", "models/weights": "w",
    }.items():  # fmt: skip
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    return tmp_path


def ci(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["ci", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_the_device_is_set_and_every_other_byte_stays(tree: Path) -> None:
    assert ci("device", "cuda") == "params.yaml: device: cuda\n"
    assert (tree / "params.yaml").read_text() == PARAMS.replace("device: auto", "device: cuda")
    ci("device", "cuda")
    assert (tree / "params.yaml").read_text() == PARAMS.replace("device: auto", "device: cuda")
    ci("device", "tpu", code=2)


@pytest.mark.parametrize("params", ["seed: 1\n", "seed: 1\n#device: cpu\n", "{device: cpu}\n", "a:\n  device: cpu\n"])
def test_a_device_on_no_line_of_its_own_is_refused(tree: Path, params: str) -> None:
    (tree / "params.yaml").write_text(params)
    assert ci("device", "cuda", code=2).startswith("error: params.yaml: expected one line `device: NAME`, found no")
    assert (tree / "params.yaml").read_text() == params


def test_results_are_what_git_keeps_of_a_run(tree: Path) -> None:
    assert ci("results", "--out", "out") == "copied 4 files to out\n"
    kept = {path.relative_to(tree / "out").as_posix() for path in (tree / "out").rglob("*") if path.is_file()}
    assert kept == {"params.yaml", "dvc.lock", "metrics/lm/lstm.json", "metrics/plots/ladder.svg"}
    assert all((tree / "out" / name).read_bytes() == (tree / name).read_bytes() for name in kept)
    ci("results", "--tree", "out", "--out", "again")
    assert "expected a new or an empty place" in ci("results", "--out", "out", code=2)


def test_links_and_odd_names_of_a_stranger_s_tree_are_left(tree: Path) -> None:
    secret = tree / "secret"
    secret.mkdir()
    (secret / "key.json").write_text("{}")
    (tree / "metrics/lm/link.json").symlink_to(secret / "key.json")
    (tree / "metrics/folder").symlink_to(secret)
    os.mkfifo(tree / "metrics/pipe.json")
    (tree / "metrics/lm/a\nb.json").write_text("{}")
    (tree / "metrics/.git").mkdir()
    (tree / "metrics/.git/config").write_text("x")
    assert ci("results", "--out", "out") == "copied 4 files to out\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("dvc.lock", "<<<<<<< ours\n"), ("dvc.lock", None), ("params.yaml", "a: &a [*a]\n"), ("params.yaml", None),
        ("metrics/lm/lstm.json", "{"), ("metrics/lm/lstm.json", "[1]"),
    ],
)  # fmt: skip
def test_what_is_broken_or_missing_is_refused_and_nothing_written(tree: Path, name: str, content: str | None) -> None:
    (tree / name).write_text(content) if content is not None else (tree / name).unlink()
    assert ci("results", "--out", "out", code=2).startswith(f"error: {name}")
    assert not (tree / "out").exists()


@pytest.mark.parametrize("name", ["dvc.lock", "params.yaml", "metrics"])
def test_no_link_stands_for_the_results_themselves(tree: Path, name: str) -> None:
    (tree / "stranger").mkdir()
    (tree / name).rename(tree / "stranger" / name)
    (tree / name).symlink_to(tree / "stranger" / name)
    ci("results", "--out", "out", code=2)
    assert not (tree / "out").exists()


def test_a_tree_without_metrics_has_no_results(tree: Path) -> None:
    (tree / "metrics").rename(tree / "elsewhere")
    assert ci("results", "--out", "out", code=2).startswith("error: metrics: expected 1 to")


def test_texts_are_joined_to_what_a_comment_takes(tree: Path) -> None:
    (tree / "gate.md").write_text("passed\n")
    (tree / "report.md").write_text("| größe | row |\n" * 10_000)
    ci("comment", "gate.md", "report.md", "--out", "comment.md")
    written = (tree / "comment.md").read_bytes()
    assert written.startswith("passed\n\n| größe | row |\n".encode())
    assert COMMENT_LIMIT - 100 < len(written) <= COMMENT_LIMIT
    assert "left out here" in written.decode().splitlines()[-1]
    assert ci("comment", "none.md", "--out", "other.md", code=2).startswith("error: none.md: expected a Markdown file")


def test_the_page_is_one_file(tree: Path) -> None:
    (tree / ".dvc").mkdir()
    ci("page", "--out", "page.html")
    assert (tree / "page.html").read_text() == "<!doctype html>"
    assert json.loads((tree / "metrics/lm/lstm.json").read_text())
