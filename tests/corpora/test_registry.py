import gzip
import hashlib
import os
import re
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from gradus.corpora.entry import Entry
from gradus.corpora.fetching import corpora_folder
from gradus.corpora.registry import REGISTRY, corpus_names, read_registered
from gradus.errors import InputError, RunError
from gradus.params import read_params

TEXTS = {
    f"{split}.{language}.gz": gzip.compress(f"{split} {language}\n".encode(), mtime=0)
    for split in ("train", "val", "test")
    for language in ("en", "de")
}
CLOSED = "http://127.0.0.1:9/"  # no server listens on the discard port


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    sums = "".join(f"      {name}: {hashlib.sha256(text).hexdigest()}\n" for name, text in TEXTS.items())
    path = tmp_path / "registry.yaml"
    path.write_text(
        f"""corpora:
  tiny:
    folder: tiny
    terms: none to speak of
    citation: nobody
    largest: 1000
    languages: [en, de]
    splits: {{train: "train.{{language}}.gz", valid: "val.{{language}}.gz", test: "test.{{language}}.gz"}}
    sources:
      train: &server {{kind: https, address: "{CLOSED}{{file}}"}}
      valid: *server
      test: *server
    files:
{sums}"""
    )
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "corpora" / "tiny"
    folder.mkdir(parents=True)
    for name, text in TEXTS.items():
        (folder / name).write_bytes(text)
    monkeypatch.setenv("GRADUS_CORPORA", str(tmp_path / "corpora"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # between pooch's attempts
    return folder


def silent(line: str) -> None:
    pass


def test_files_in_the_folder_are_read_in_either_direction_without_a_download(registry: Path, folder: Path) -> None:
    corpus = read_registered("tiny", ("de", "en"), silent, registry)
    assert corpus.splits == {
        "train": (["train de"], ["train en"]),
        "valid": (["val de"], ["val en"]),
        "test": (["test de"], ["test en"]),
    }
    assert read_registered("tiny", ("en",), silent, registry).splits["train"] == (["train en"],)


def test_a_file_that_differs_is_kept_and_refused_with_both_checksums(registry: Path, folder: Path) -> None:
    path = folder / "val.en.gz"
    path.write_bytes(b"altered")
    with pytest.raises(InputError) as caught:
        read_registered("tiny", ("en",), silent, registry)
    for part in (path, hashlib.sha256(b"altered").hexdigest(), hashlib.sha256(TEXTS[path.name]).hexdigest(), "delete"):
        assert str(part) in str(caught.value)
    assert path.read_bytes() == b"altered"


def test_without_a_network_the_error_names_the_path_of_the_missing_file(registry: Path, folder: Path) -> None:
    (folder / "train.en.gz").unlink()
    messages: list[str] = []
    with pytest.raises(RunError) as caught:
        read_registered("tiny", ("en",), messages.append, registry)
    for part in (f"{CLOSED}train.en.gz", str(folder / "train.en.gz"), "GRADUS_CORPORA", "tiny/train.en.gz"):
        assert part in str(caught.value)
    assert messages == ["terms of tiny: none to speak of", f"downloading {CLOSED}train.en.gz"]
    # no partial file is left
    assert sorted(TEXTS) == sorted([*(path.name for path in folder.iterdir()), "train.en.gz"])


class Requests(SimpleHTTPRequestHandler):
    """Serves a folder and records the requested paths."""

    asked: ClassVar[list[str]] = []

    def log_message(self, format: str, *args: object) -> None:
        self.asked.append(self.path)


@pytest.fixture
def served(tmp_path: Path, registry: Path) -> Iterator[Path]:
    """Serve a folder with every file at the address in the registry."""
    folder = tmp_path / "served"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_bytes(text)
    Requests.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Requests, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        registry.write_text(registry.read_text().replace(CLOSED, f"http://127.0.0.1:{server.server_port}/"))
        yield folder
        server.shutdown()


def test_a_missing_file_is_downloaded_once_into_the_folder(registry: Path, folder: Path, served: Path) -> None:
    (folder / "train.en.gz").unlink()
    for _ in range(2):
        assert read_registered("tiny", ("en",), silent, registry).splits["train"] == (["train en"],)
    assert Requests.asked == ["/train.en.gz"]
    assert (folder / "train.en.gz").read_bytes() == TEXTS["train.en.gz"]


def test_a_download_with_another_checksum_is_refused_and_not_kept(registry: Path, folder: Path, served: Path) -> None:
    (folder / "train.en.gz").unlink()
    (served / "train.en.gz").write_bytes(b"altered")
    altered = hashlib.sha256(b"altered").hexdigest()
    with pytest.raises(InputError, match=f"/train.en.gz: expected SHA-256 .* found {altered}; try again later"):
        read_registered("tiny", ("en",), silent, registry)
    assert not (folder / "train.en.gz").exists()


def test_a_download_larger_than_the_registry_allows_fails(registry: Path, folder: Path, served: Path) -> None:
    (folder / "train.en.gz").unlink()
    (served / "train.en.gz").write_bytes(b"x" * 1001)
    with pytest.raises(
        RunError, match="train.en.gz: expected at most 1000 bytes, found a larger file; correct `largest`"
    ):
        read_registered("tiny", ("en",), silent, registry)
    assert Requests.asked == ["/train.en.gz"]  # without a second attempt
    assert len(list(folder.iterdir())) == len(TEXTS) - 1  # no partial file is left


def test_an_address_without_the_file_is_an_error(registry: Path, folder: Path, served: Path) -> None:
    (folder / "train.en.gz").unlink()
    (served / "train.en.gz").unlink()
    with pytest.raises(RunError, match=r"train\.en\.gz: cannot be downloaded \(HTTPError\)"):
        read_registered("tiny", ("en",), silent, registry)


def test_a_relative_folder_starts_at_the_root_of_dvc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_ROOT", "/root/of/it")
    monkeypatch.setenv("GRADUS_CORPORA", "../corpora")
    assert corpora_folder() == Path("/root/of/it/../corpora")
    monkeypatch.setenv("GRADUS_CORPORA", "/elsewhere")
    assert corpora_folder() == Path("/elsewhere")
    monkeypatch.setenv("GRADUS_CORPORA", "")
    assert corpora_folder().name == "gradus"


def test_a_language_that_the_corpus_lacks_is_refused(registry: Path, folder: Path) -> None:
    with pytest.raises(InputError, match=r"expected a language of tiny \(en, de\), found 'fr'"):
        read_registered("tiny", ("fr",), silent, registry)


def test_every_entry_of_our_registry_has_a_checksum_for_each_file() -> None:
    names = corpus_names(REGISTRY)
    assert {"multi30k", "tinyshakespeare", "ptb"} <= set(names)
    entries = {name: read_params(REGISTRY, f"corpora.{name}", Entry) for name in names}
    assert entries["multi30k"].file_name("test", "cs") == "test_2016_flickr.cs.gz"
    assert set(entries["multi30k"].languages) == {"en", "de", "fr", "cs"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("folder: tiny", "folder: ../tiny"),
        ("folder: tiny", "folder: /tmp"),
        ("folder: tiny", "folder: .."),
        ("folder: tiny", "folder: ''"),
        ("folder: tiny", r'folder: "tiny\0"'),
        ("train.en.gz: ", "../train.en.gz: "),
        ("train.en.gz: ", "/etc/passwd: "),
        ("train.en.gz: ", ".: "),
        ("train.en.gz: ", "a/b: "),
        ("train.en.gz: ", '"a b": '),
        ('"train.{language}.gz"', "../train.en.gz"),
        ('"train.{language}.gz"', '"{language:>99999999999}"'),  # str.format would fill the memory
        ('"train.{language}.gz"', '"{language.__class__}"'),
        ("languages: [en, de]", "languages: [../en, de]"),
        (CLOSED, "ftp://127.0.0.1/"),
        (CLOSED, "file:///"),
        (CLOSED, "http://example.com/"),
        (CLOSED, "http://127.0.0.1:9@example.com/"),
        (CLOSED, r"https://example.com/a b\n/"),
        ("kind: https", "kind: copy"),
        ("kind: https", "kind: command"),
        ("valid: *server", "valid: https://example.com/"),
        ("      valid: *server\n", ""),
        ("terms: none", r'terms: "\e[2Jnone"'),
        ("terms: none to speak of", "terms: ''"),
        ("terms: none to speak of", "terms: ' -'"),
        ("citation: nobody", r'citation: "\u202enobody"'),
        ("largest: 1000", "largest: 99999999999"),
        ("largest: 1000", "largest: 0"),
        ("largest: 1000", "smallest: 1000"),
    ],
)
def test_an_entry_with_an_unsafe_path_address_or_text_is_refused(
    registry: Path, folder: Path, old: str, new: str
) -> None:
    assert old in registry.read_text()
    registry.write_text(registry.read_text().replace(old, new))
    messages: list[str] = []
    with pytest.raises(InputError) as caught:
        read_registered("tiny", ("en",), messages.append, registry)
    assert str(registry) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert messages == []


@pytest.mark.parametrize("content", ["corpora: 1\n", "corpora: [tiny]\n", "corpora:\n", "[]\n", "corpora: tiny\n"])
def test_a_registry_without_a_mapping_of_corpora_is_refused(registry: Path, content: str) -> None:
    registry.write_text(content)
    with pytest.raises(InputError, match=re.escape(str(registry))):
        corpus_names(registry)


def test_a_file_in_the_folder_may_be_a_link_but_not_a_pipe(registry: Path, folder: Path, tmp_path: Path) -> None:
    path = folder / "train.en.gz"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert read_registered("tiny", ("en",), silent, registry).splits["train"] == (["train en"],)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InputError, match="found a pipe or a device; name a regular file"):
        read_registered("tiny", ("en",), silent, registry)


def test_an_entry_without_a_checksum_for_a_file_is_refused(registry: Path) -> None:
    registry.write_text(registry.read_text().replace("[en, de]", "[en, de, fr]"))
    with pytest.raises(InputError, match=r"expected a SHA-256 in `files` for test\.fr\.gz, train\.fr\.gz, val\.fr\.gz"):
        read_registered("tiny", ("en",), silent, registry)


@pytest.mark.corpora
@pytest.mark.skipif("GRADUS_CORPORA" not in os.environ, reason="GRADUS_CORPORA is not set")
def test_real_corpora_have_the_published_numbers_of_lines() -> None:
    multi30k = read_registered("multi30k", ("de", "en"), silent)
    assert {split: len(columns[0]) for split, columns in multi30k.splits.items()} == {
        "train": 29_000,
        "valid": 1_014,
        "test": 1_000,
    }
    assert multi30k.splits["test"][1][0] == "A man in an orange hat starring at something."
    shakespeare = read_registered("tinyshakespeare", ("en",), silent)
    # 40,000 lines: 90% is 36,000, 5% is 2,000
    assert [len(columns[0]) for columns in shakespeare.splits.values()] == [36_000, 2_000, 2_000]
    joined = "".join(f"{line}\n" for (lines,) in shakespeare.splits.values() for line in lines)
    assert len(joined) == 1_115_394
