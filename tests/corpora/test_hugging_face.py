"""Datasets of the Hugging Face Hub: the real library against a small server on this machine."""

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from short_texts import TEXTS
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.corpora.registry import read_entry, read_registered
from gradus.corpora.sources.hugging_face import HuggingFace
from gradus.errors import InputError, RunError

huggingface_hub = pytest.importorskip("huggingface_hub", reason="the extra hf is not installed")
REGISTRY = Path("corpora.yaml")
COMMIT, OTHER = "a" * 40, "b" * 40


class Hub(BaseHTTPRequestHandler):
    """Answers as the Hub does; `files` has the files of each revision, `branches` the commit of each branch."""

    files: ClassVar[dict[str, dict[str, bytes]]] = {}
    branches: ClassVar[dict[str, str]] = {}
    card: ClassVar[dict[str, Any]] = {}

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/api/datasets/org/pairs"):
            revision = path.partition("/revision/")[2] or "main"
            commit = self.branches.get(revision, revision)
            if commit not in self.files:
                return self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            siblings = [{"rfilename": name, "size": len(data)} for name, data in self.files[commit].items()]
            info = {"id": "org/pairs", "sha": commit, "siblings": siblings, "cardData": self.card}
            return self._send(200, json.dumps(info).encode(), {"Content-Type": "application/json"})
        _, _, rest = path.partition("/datasets/org/pairs/resolve/")
        commit, _, name = rest.partition("/")
        data = self.files.get(commit, {}).get(name)
        if data is None:
            return self._send(404, b"", {"X-Error-Code": "RepoNotFound"})
        return self._send(200, data, {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": commit})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@pytest.fixture
def hub(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(project / "hub"))
    Hub.files, Hub.branches, Hub.card = {}, {"main": OTHER}, {"license": "cc-by-4.0"}
    Hub.files[OTHER] = {"README.md": b"", "build.py": b"raise SystemExit('code of a dataset ran')"}
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"  # what the variable HF_ENDPOINT sets when the library starts
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield Hub
        server.shutdown()


def parquet(folder: Path, rows: list[dict[str, Any]]) -> bytes:
    pq.write_table(pa.Table.from_pylist(rows), folder / "shard")
    return (folder / "shard").read_bytes()


def pairs(split: str) -> list[dict[str, Any]]:
    sides = zip(TEXTS["ja"], TEXTS["cs"], strict=True)
    return [{"id": 1, "translation": {"ja": f"{ja} {split}", "cs": f"{cs} {split}"}} for ja, cs in sides]


def converted(hub: type[Hub], folder: Path, config: str = "ja-cs") -> None:
    hub.branches["refs/convert/parquet"] = COMMIT
    hub.files[COMMIT] = {
        f"{config}/{split}/{number:04}.parquet": parquet(folder, rows)
        for split in ("train", "validation", "test")
        for number, rows in enumerate((pairs(split)[:2], pairs(split)[2:]))
    }


def add(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["corpus", "add", "cats", *arguments])
    assert result.exit_code == code, result.output
    return result.output


PAIR = ("--language", "ja", "--language", "cs")


def test_a_converted_dataset_is_pinned_to_its_commit_with_the_licence_of_its_card(
    hub: type[Hub], project: Path
) -> None:
    converted(hub, project)
    assert "train 3 lines, valid 3 lines, test 3 lines" in add("--from", "hf:org/pairs/ja-cs", *PAIR)
    entry = read_entry("cats", REGISTRY)
    assert entry.terms == "licence cc-by-4.0, as the dataset card of org/pairs states"
    assert entry.citation == "https://huggingface.co/datasets/org/pairs"
    source = entry.sources["valid"]
    assert isinstance(source, HuggingFace)
    assert (source.revision, source.split, source.columns) == (
        COMMIT,
        "validation",
        {"ja": "translation.ja", "cs": "translation.cs"},
    )
    hub.branches["refs/convert/parquet"] = OTHER  # a newer version of the dataset
    shutil.rmtree("corpora")
    splits = read_registered("cats", ("cs", "ja"), print, REGISTRY).splits
    assert splits["valid"][1] == [f"{line} validation" for line in TEXTS["ja"]]


def test_a_changed_file_at_the_same_commit_is_refused(hub: type[Hub], project: Path) -> None:
    converted(hub, project)
    add("--from", "hf:org/pairs/ja-cs", *PAIR)
    shutil.rmtree("corpora")
    hub.files[COMMIT]["ja-cs/test/0000.parquet"] = parquet(project, pairs("x")[:2])
    with pytest.raises(InputError, match="hf:org/pairs/ja-cs:test: expected SHA-256"):
        read_registered("cats", ("ja",), print, REGISTRY)
    assert sorted(path.name for path in Path("corpora").rglob("*.ja")) == ["train.ja", "valid.ja"]


def test_one_language_keeps_lines_and_pairs_lose_what_would_misalign_them(hub: type[Hub], project: Path) -> None:
    rows = [{"text": f"line {number}\n\nnext", "more": number} for number in range(10)]
    hub.files[OTHER]["data/train-00000-of-00001.parquet"] = parquet(project, rows)
    add("--text", "hf:org/pairs:train", "--language", "en", "--terms", "CC0")
    lines = [line for (part,) in read_registered("cats", ("en",), print, REGISTRY).splits.values() for line in part]
    assert lines == [line for number in range(10) for line in (f"line {number}", "", "next")]
    CliRunner().invoke(app, ["corpus", "remove", "cats"])
    uneven = [{"a": f"one\ntwo {number}", "b": None if number == 3 else "\ufeffthree "} for number in range(21)]
    hub.files[OTHER]["data/train-00000-of-00001.parquet"] = parquet(project, uneven)
    columns = ("--column", "ja=a", "--column", "cs=b")
    assert "1 rows with a blank sentence are left out" in add("--text", "hf:org/pairs:train", *PAIR, *columns)
    assert read_registered("cats", ("ja", "cs"), print, REGISTRY).splits["test"] == (["one two 20"], ["three"])


@pytest.mark.parametrize(
    ("source", "options", "code", "message"),
    [
        ("hf:org/pairs/de-en", (), 2, "found none in the configuration de-en of ja-cs; name a split"),
        (
            "hf:org/pairs/ja-cs:dev",
            (),
            2,
            "a split named dev, as Parquet files, found test, train, validation",
        ),
        ("hf:org/pairs/ja-cs", ("--column", "ja=x", "--column", "cs=y"), 1, "the columns are id, translation, not x"),
        ("hf:org/pairs/ja-cs", ("--column", "ja=id", "--column", "cs=id"), 1, "has int where text is expected"),
        ("hf:org/pairs/ja-cs", ("--column", "ja=id"), 2, "expected a column for each language (ja), found none for cs"),
        ("hf:org/pairs@" + "c" * 40, (), 1, "cannot be read (huggingface_hub failed: RevisionNotFoundError)"),
        ("hf:pairs", (), 2, "expected hf:ORGANISATION/NAME"),
        ("hf:org/pa\x1birs", (), 2, "dataset: expected text that matches"),
    ],
)
def test_what_the_dataset_lacks_is_named(
    hub: type[Hub], project: Path, source: str, options: tuple[str, ...], code: int, message: str
) -> None:
    converted(hub, project)
    shown = add("--from" if ":dev" not in source else "--text", source, *PAIR, *options, code=code)
    assert message in shown and not REGISTRY.exists()


@pytest.mark.parametrize("card", [{}, {"license": "other"}, {"license": ["unknown"]}])
def test_a_card_without_a_licence_states_no_terms(hub: type[Hub], project: Path, card: dict[str, Any]) -> None:
    converted(hub, project)
    hub.card = card
    assert "--terms: expected the terms of use" in add("--from", "hf:org/pairs/ja-cs", *PAIR, code=2)
    assert "terms of cats: CC0" in add("--from", "hf:org/pairs/ja-cs", *PAIR, "--terms", "CC0")


def test_a_broken_or_too_large_dataset_is_refused(
    hub: type[Hub], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted(hub, project)
    monkeypatch.setattr("gradus.corpora.sources.hugging_face.LARGEST_DOWNLOAD", 100)
    assert "more than 100" in add("--from", "hf:org/pairs/ja-cs", *PAIR, code=1)
    monkeypatch.undo()


def test_a_broken_parquet_file_is_refused(hub: type[Hub], project: Path) -> None:
    converted(hub, project)
    hub.files[COMMIT]["ja-cs/train/0000.parquet"] = b"PAR1 and no more PAR1"
    assert "a broken Parquet file" in add("--from", "hf:org/pairs/ja-cs", *PAIR, code=1)
    assert not list(Path("corpora").rglob("*.ja"))


def test_without_the_hub_a_fetch_says_where_to_put_the_file(hub: type[Hub], project: Path) -> None:
    converted(hub, project)
    add("--from", "hf:org/pairs/ja-cs", *PAIR)
    shutil.rmtree("corpora")
    hub.files.clear()
    with pytest.raises(RunError, match=r"cannot be downloaded \(huggingface_hub.*put the file at .*train\.ja"):
        read_registered("cats", ("ja",), print, REGISTRY)
