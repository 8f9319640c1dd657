import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from gradus.artifacts.json_files import read_json, write_json
from gradus.corpora.registry import REGISTRY
from gradus.yaml_files import read_yaml
from stages.acquire import app

Acquire = Callable[..., Result]


@pytest.fixture
def acquire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acquire:
    """Run the stage in an empty folder; `texts` are files of data/own/mine."""
    monkeypatch.chdir(tmp_path)

    def run(track: str, texts: dict[str, bytes] | None = None, corpus: str = "mine", section: str = "") -> Result:
        for name, content in (texts or {}).items():
            path = tmp_path / "data/own" / corpus / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        lm, mt = f"corpus: {corpus}, language: en", f"corpus: {corpus}, src: en, tgt: de"
        Path("params.yaml").write_text(
            f"numerics: portable\nacquire: {{lm: {{{section or lm}}}, mt: {{{section or mt}}}}}\n"
        )
        return CliRunner().invoke(app, ["--name", track])

    return run


LM = {"train.txt": b"a b\n\nc\n", "valid.txt": b"c\n", "test.txt": b"a b\nd"}
MT = {f"{split}.{side}": b"a\nb\n" for split in ("train", "valid", "test") for side in ("src", "tgt")}


def test_own_text_is_copied_and_described(acquire: Acquire) -> None:
    result = acquire("lm", LM)
    assert result.exit_code == 0, result.stderr
    assert Path("data/raw/lm/train.txt").read_bytes() == b"a b\n\nc\n"
    assert Path("data/raw/lm/test.txt").read_bytes() == b"a b\nd\n"
    about = read_json(Path("data/raw/lm/source.json"))
    assert (about["corpus"], about["language"], about["train"]) == ("mine", "en", {"lines": 3})
    assert about["test_lines_seen_in_training"] == 1
    assert "test.txt: the last line has no newline; it counts as a line" in result.stdout
    assert "test lines that also occur in training: 1" in result.stdout


def test_own_pairs_keep_their_sides(acquire: Acquire) -> None:
    assert acquire("mt", {**MT, "test.src": b"x\n", "test.tgt": b"y\n"}).exit_code == 0
    assert Path("data/raw/mt/test.src").read_text() == "x\n"
    assert Path("data/raw/mt/test.tgt").read_text() == "y\n"
    about = read_json(Path("data/raw/mt/source.json"))
    assert (about["src"], about["tgt"], about["test"]) == ("en", "de", {"lines": 1})


def test_the_same_text_gives_the_same_bytes(acquire: Acquire) -> None:
    acquire("lm", LM)
    first = {path.name: path.read_bytes() for path in Path("data/raw/lm").iterdir()}
    acquire("lm", LM)
    assert {path.name: path.read_bytes() for path in Path("data/raw/lm").iterdir()} == first


@pytest.mark.parametrize(
    ("track", "changed", "message"),
    [
        (
            "lm",
            {"valid.txt": None},
            "valid.txt: expected a text file, one sentence per line, found no file; put the file there",
        ),
        ("lm", {"valid.txt": b""}, "valid.txt: expected one sentence per line, found an empty file; add text"),
        (
            "lm",
            {"test.txt": b"ok\n\xff\xfe\n"},
            "test.txt: line 2: expected UTF-8, found byte 0xff at byte 1 of the line (invalid start byte); convert",
        ),
        (
            "lm",
            {"train.txt": b"\xef\xbb\xbfa\n"},
            "train.txt: line 1: expected UTF-8 text without a byte-order mark, found ",
        ),
        (
            "lm",
            {"train.txt": b"a\r\nb\r\n"},
            "train.txt: line 1: expected UTF-8 text with LF line ends, found a carriage return (CRLF); convert",
        ),
        (
            "lm",
            {"train.txt": b"a\nb\0\n"},
            "train.txt: line 2: expected UTF-8 text with LF line ends, found a NUL byte",
        ),
        (
            "mt",
            {"valid.tgt": b"a\n"},
            "valid.tgt: expected 2 lines, as in valid.src, found 1 lines; align the two sides line by line",
        ),
        (
            "mt",
            {"train.src": b"a\n\t\n"},
            "train.src: line 2: expected a sentence on each side of a pair, found a blank line; remove the pair",
        ),
    ],
)
def test_malformed_text_is_refused_on_one_line(
    acquire: Acquire, track: str, changed: dict[str, bytes | None], message: str
) -> None:
    texts = {**(LM if track == "lm" else MT), **changed}
    result = acquire(track, {name: content for name, content in texts.items() if content is not None})
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: data/own/mine/{message}")
    assert result.stderr.count("\n") == 1
    assert not Path("data/raw").exists()


@pytest.mark.parametrize(
    ("track", "section", "message"),
    [
        ("lm", "corpus: nowhere, language: en", "error: params.yaml: acquire.lm.corpus: expected builtin, multi30k, "),
        ("lm", "corpus: ../mine, language: en", "error: params.yaml: acquire.lm.corpus: expected a name"),
        (
            "lm",
            "corpus: ptb, language: de",
            "error: params.yaml: acquire.lm: expected a language of ptb (en), found 'de'",
        ),
        ("lm", "corpus: ptb", "error: params.yaml: acquire.lm.language: expected a value, found none; add the key"),
        (
            "mt",
            "corpus: multi30k, src: en, tgt: en",
            "error: params.yaml: acquire.mt: expected two different languages for src and tgt",
        ),
        ("lm", "corpus: ptb, language: en, size: 3", "error: params.yaml: acquire.lm.size: expected a known key"),
    ],
)
def test_a_wrong_name_or_key_is_refused_on_one_line(acquire: Acquire, track: str, section: str, message: str) -> None:
    result = acquire(track, section=section)
    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1


def test_own_text_with_the_name_of_another_corpus_is_refused(acquire: Acquire) -> None:
    result = acquire("lm", LM, corpus="ptb")
    assert result.exit_code == 2
    assert (
        "data/own/ptb: expected a folder name that no built-in or registered corpus has, "
        "found 'ptb'; rename the folder" in result.stderr
    )


def test_a_corpus_that_differs_from_the_published_one_is_refused(
    acquire: Acquire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADUS_CORPORA", "corpora")
    path = tmp_path / "corpora/tinyshakespeare/input.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"To be\n")
    result = acquire("lm", section="corpus: tinyshakespeare, language: en")
    assert result.exit_code == 2
    assert "tinyshakespeare/input.txt: expected SHA-256 86c4e6aa" in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_a_network_the_run_fails_and_says_what_to_do(
    acquire: Acquire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = read_yaml(REGISTRY)["corpora"]["ptb"]
    server = {"kind": "https", "address": "http://127.0.0.1:9/data/{file}"}  # a closed port
    entry = {**shipped, "folder": "news", "sources": dict.fromkeys(shipped["sources"], server)}
    monkeypatch.setenv("GRADUS_CORPORA", str(tmp_path / "corpora"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # between attempts
    write_json(tmp_path / "corpora.yaml", {"corpora": {"news": entry}})
    Path("params.yaml").write_text("numerics: portable\nacquire: {lm: {corpus: news, language: en}}\n")
    result = CliRunner().invoke(app, ["--name", "lm"])
    assert result.exit_code == 1
    assert "Linguistic Data Consortium" in result.stdout  # printed before the download
    assert result.stderr.startswith("error: http://127.0.0.1:9/data/ptb.train.txt: cannot be ")
    assert f"put the file at {tmp_path}/corpora/news/ptb.train.txt" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("data/raw").exists()


def test_the_built_in_corpus_has_the_entropy_floor_of_each_line(acquire: Acquire) -> None:
    builtin = "builtin: {seed: 1, topics: 2, persistence: 0.9, train_lines: 30, valid_lines: 20, test_lines: 10}"
    Path("params.yaml").write_text(
        f"numerics: portable\nacquire: {{lm: {{corpus: builtin, language: de}}}}\n{builtin}\n"
    )
    result = CliRunner().invoke(app, ["--name", "lm"])
    assert result.exit_code == 0, result.stderr
    assert "builtin (de): train 30 lines, valid 20 lines, test 10 lines" in result.stdout
    about = read_json(Path("data/raw/lm/source.json"))
    line_nats = np.load("data/raw/lm/test.floor.npy")
    assert (line_nats.dtype, line_nats.shape) == (np.float64, (10,))
    assert about["test"]["line_floor_nats"] == pytest.approx(line_nats.sum())
    assert 0 < about["test"]["stream_floor_nats"] < np.inf
