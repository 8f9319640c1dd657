"""gradus never replaces or removes a file that it did not write."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from gradus.artifacts.places import begins_with, new_file, new_folder
from gradus.artifacts.rename import move_into_place
from gradus.artifacts.seals import SEAL, holds_only_sealed_files
from gradus.cli.main import app
from gradus.errors import InputError

TEXT = "the cat sleeps\nthe dog sleeps\n"
OURS = begins_with(b"ours")


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Return every path of a folder, with the content of files and the targets of links."""
    return {
        path.relative_to(folder).as_posix(): (
            os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        )
        for path in folder.rglob("*")
    }


def gradus(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a user's folder: a text, its model, its ARPA file, and other work that must survive."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text(TEXT)
    (tmp_path / "thesis/.git").mkdir(parents=True)
    (tmp_path / "thesis/.git/HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / "thesis/train.txt").write_text(TEXT)
    (tmp_path / "notes").write_text("years of work")
    (tmp_path / "foo.part").write_text("my own")
    for command in ("ngram build text.txt model --order 2", "ngram export model model.arpa"):
        code, output = gradus(*command.split())
        assert code == 0, output
    return tmp_path


REFUSED = [
    ("ngram", "build", "text.txt", "thesis"),
    ("ngram", "build", "thesis/train.txt", "thesis"),
    ("ngram", "build", "text.txt", "text.txt"),
    ("ngram", "build", "text.txt", "."),
    ("ngram", "build", "text.txt", ".."),
    ("ngram", "build", "text.txt", "/"),
    ("ngram", "build", "text.txt", "notes"),
    ("ngram", "build", "text.txt", "thesis/.git"),
    ("ngram", "build", "text.txt", "model"),
    ("ngram", "build", "text.txt", "new", "--scratch", "new"),
    ("ngram", "build", "text.txt", "new", "--valid", "new"),
    ("ngram", "build", "text.txt", "thesis", "--force"),
    ("ngram", "build", "text.txt", "notes", "--force"),
    ("ngram", "build", "text.txt", "text.txt", "--force"),
    ("ngram", "import", "model.arpa", "model.arpa"),
    ("ngram", "import", "model.arpa", "model.arpa", "--force"),
    ("ngram", "import", "model.arpa", "."),
    ("ngram", "import", "model.arpa", "thesis"),
    ("ngram", "import", "model.arpa", "model"),
    ("ngram", "export", "model", "notes"),
    ("ngram", "export", "model", "notes", "--force"),
    ("ngram", "export", "model", "thesis"),
    ("ngram", "export", "model", "model"),
    ("ngram", "export", "model", "model/words.npy", "--force"),
    ("ngram", "export", "model", "model/new.arpa"),
    ("ngram", "export", "model", "model.arpa"),
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_files_of_a_user_are_refused_before_any_work(inside: Path, arguments: tuple[str, ...]) -> None:
    before = snapshot(inside)
    code, output = gradus(*arguments)
    assert (code, output.count("\n"), output[:7]) == (2, 1, "error: "), output
    assert "counting" not in output
    assert snapshot(inside) == before


@pytest.mark.parametrize("target", ["foo", "deep/er/model", "empty", "name with space", "-x", "*", "[a]", "umläut"])
def test_new_and_empty_places_are_filled_and_other_files_stay(inside: Path, target: str) -> None:
    (inside / "empty").mkdir()
    before = snapshot(inside)
    assert gradus("ngram", "build", "--order", 2, "--", "text.txt", target)[0] == 0
    assert holds_only_sealed_files(inside / target)
    after = snapshot(inside)
    assert {path: after[path] for path in before if path != target} == {p: c for p, c in before.items() if p != target}
    assert not [path for path in after if path.endswith(".part") and path != "foo.part"]


def test_an_earlier_output_is_replaced_with_force(inside: Path) -> None:
    (inside / "text.txt").write_text("a b\n")
    assert "use --force" in gradus("ngram", "build", "text.txt", "model")[1]
    assert gradus("ngram", "build", "text.txt", "model", "--force", "--order", 2)[0] == 0
    assert gradus("ngram", "export", "model", "model.arpa", "--force")[0] == 0
    assert "\ta b\n" in (inside / "model.arpa").read_text()
    assert gradus("ngram", "import", "model.arpa", "model", "--force")[0] == 0


@pytest.mark.parametrize("name", ["notes.md", "tokenizer/mine.txt", "sub/folder/file"])
def test_a_model_with_a_user_s_file_is_not_replaced(inside: Path, name: str) -> None:
    (inside / "model" / name).parent.mkdir(parents=True, exist_ok=True)
    (inside / "model" / name).write_text("mine")
    before = snapshot(inside)
    assert gradus("ngram", "build", "text.txt", "model", "--force")[0] == 2
    assert snapshot(inside) == before


def test_an_output_is_written_where_a_link_points_and_the_link_stays(inside: Path) -> None:
    (inside / "link").symlink_to("elsewhere/model")
    (inside / "to_thesis").symlink_to("thesis")
    assert gradus("ngram", "build", "text.txt", "link", "--order", 2)[0] == 0
    assert (inside / "link").is_symlink() and holds_only_sealed_files(inside / "elsewhere/model")
    assert gradus("ngram", "build", "text.txt", "to_thesis")[0] == 2
    assert gradus("ngram", "build", "thesis/train.txt", "to_thesis", "--force")[0] == 2


def test_a_failure_leaves_the_earlier_output(inside: Path) -> None:
    (inside / "bad.txt").write_bytes(b"good\n\xff\n")
    before = snapshot(inside)
    assert gradus("ngram", "build", "bad.txt", "model", "--force")[0] == 2
    assert gradus("ngram", "build", "bad.txt", "deep/new")[0] == 2
    assert snapshot(inside) == before


@pytest.mark.parametrize("kind", ["pipe", "loop", "file above", "empty file"])
def test_a_pipe_or_a_device_is_never_replaced_by_a_folder(inside: Path, kind: str) -> None:
    match kind:
        case "pipe":
            os.mkfifo(inside / "place")
        case "loop":
            (inside / "place").symlink_to("other")
            (inside / "other").symlink_to("place")
        case "empty file":
            (inside / "place").touch()
    target = "notes/model" if kind == "file above" else "place"
    code, output = gradus("ngram", "build", "text.txt", target, "--order", 2)
    assert code == 2 and output.count("\n") == 1, output
    assert not (inside / "place").is_dir() and (inside / "notes").read_text() == "years of work"


def test_a_pipe_is_written_to_directly(inside: Path) -> None:
    command = [sys.executable, "-m", "gradus.cli.main", "ngram", "export", "model", "/dev/stdout"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == (inside / "model.arpa").read_text()


def test_the_report_for_a_pull_request_replaces_only_an_earlier_report(inside: Path) -> None:
    (inside / "dvc.yaml").touch()  # the command wants a clone
    code, output = gradus("ci", "report", "--out", "notes")
    assert code == 2 and "gradus did not write" in output
    assert (inside / "notes").read_text() == "years of work"


TREES = st.dictionaries(
    st.sampled_from(
        [
            "a",
            "b",
            "c",
            "place",
            ".place.abcdefgh.gradus.part",
            ".place.abcdefgh.part",
            "place.part",
            SEAL,
            "gradus.part",
        ]
    ),
    st.recursive(
        st.binary(max_size=3),
        lambda inner: st.dictionaries(st.sampled_from(["a", "b", SEAL, "gradus.part", "place"]), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=5,
)


def plant(folder: Path, tree: dict[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tree.items():
        if isinstance(content, dict):
            plant(folder / name, content)
        else:
            (folder / name).write_bytes(content)  # type: ignore[arg-type]


def paths(tree: dict[str, object], prefix: str = "") -> Iterator[str]:
    for name, content in tree.items():
        yield prefix + name
        if isinstance(content, dict):
            yield from paths(content, f"{prefix}{name}/")


@settings(max_examples=200, deadline=None)
@given(tree=TREES, data=st.data())
def test_every_file_of_a_random_folder_survives(tmp_path_factory: pytest.TempPathFactory, tree, data) -> None:
    """A new output anywhere in a random folder leaves all other files as they were."""
    folder = tmp_path_factory.mktemp("user")
    plant(folder, tree)
    before = {path: content for path, content in snapshot(folder).items() if content}
    known = [*paths(tree), "place", ".", "new/place"]
    target, source = data.draw(st.sampled_from(known)), data.draw(st.sampled_from(known))
    with suppress(InputError, NotADirectoryError, FileExistsError):
        if data.draw(st.booleans()):
            with new_folder(folder / target, "things", inputs=[folder / source]) as part:
                (part / "thing").write_text("new")
        else:
            with new_file(folder / target, OURS, inputs=[folder / source]) as part:
                part.write_text("ours")
    after = snapshot(folder)
    assert {path: after.get(path) for path in before} == before


@pytest.mark.parametrize("fails", [False, True])
def test_two_writers_of_one_place_do_not_disturb_each_other(tmp_path: Path, fails: bool) -> None:
    place = tmp_path / "place"
    with new_folder(place, "things") as one:
        (one / "thing").write_text("1")
        with suppress(ZeroDivisionError), new_folder(place, "things") as two:
            (two / "thing").write_text("2")
            assert one.exists() and two.exists()
            if fails:
                raise ZeroDivisionError
        assert place.exists() != fails
    assert (place / "thing").read_text() == "1"
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_only_temporary_folders_of_dead_processes_are_removed(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib\nfrom gradus.artifacts.places import new_folder\n"
        "with new_folder(pathlib.Path('place'), 'things') as part:\n"
        "    (part / 'thing').write_text('half')\n    print('ready', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, **streams) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == b"ready\n"
        with new_folder(tmp_path / "place", "things"):
            assert len(list(tmp_path.glob(".place.*.part"))) == 2
        shutil.rmtree(tmp_path / "place")
        assert len(list(tmp_path.glob(".place.*.part"))) == 1
        process.kill()
    with new_folder(tmp_path / "place", "things"):
        assert len(list(tmp_path.glob(".place.*.part"))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_renames_replace_an_exchange_of_names_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradus.artifacts.rename._exchange", lambda one, other: False)
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "content").write_text(name)
    move_into_place(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old/content").read_text() == "new" and (tmp_path / "new/content").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2
