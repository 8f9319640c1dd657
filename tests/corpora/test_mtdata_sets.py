"""Datasets of mtdata: its real index, and a file that is in its cache already."""

import gzip
import hashlib
import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.corpora.registry import read_entry, read_registered
from gradus.errors import RunError

EUROPARL = "Statmt-europarl-10-deu-eng"
HOST, ADDRESS = "www.statmt.org", "http://www.statmt.org/europarl/v10/training/europarl-v10.de-en.tsv.gz"
PAIR = ("--language", "en", "--language", "de")
REGISTRY = Path("corpora.yaml")
installed = pytest.mark.skipif(find_spec("mtdata") is None, reason="the extra mtdata is not installed")


def add(name: str, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["corpus", "add", name, "--terms", "free", *arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        ("not installed", 2, "expected the package mtdata 0.5, found no such package; pip install 'gradus-lm[mtdata]'"),
        ("unknown", 2, "expected a dataset of mtdata (GROUP-NAME-VERSION-LANGUAGE-LANGUAGE, as"),
        ("a \x1b[2Jreason", 1, "cannot be read (a [2Jreason)"),
        (None, 1, "cannot be read (mtdata failed: no message)"),
    ],
)
def test_a_failure_of_the_other_process_is_one_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, answer: str | None, code: int, message: str
) -> None:
    printed = "" if answer is None else json.dumps({"error": answer})
    done = subprocess.CompletedProcess([], 0, printed, "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    result = add("x", "--from", f"mtdata:{EUROPARL}", *PAIR, code=code)
    assert message in result.stderr and result.stderr.count("\n") == 1
    assert not REGISTRY.exists()


@pytest.mark.parametrize("dataset", ["", "europarl", "../x-y-z-deu", "a-b-c-d-e-f", "a-b-c-d\x1b"])
def test_what_is_no_identifier_never_reaches_mtdata(project: Path, dataset: str) -> None:
    result = add("x", "--from", f"mtdata:{dataset}", *PAIR, code=2)
    assert "dataset: expected text that matches" in result.stderr


@installed
@pytest.mark.slow
def test_a_dataset_of_the_real_index_is_read_from_the_cache(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTDATA", str(project / "mtdata"))
    sums = hashlib.md5(ADDRESS.encode()).hexdigest()
    cached = project / "mtdata" / HOST / sums[:4] / sums[4:] / "europarl.tsv.gz"
    cached.parent.mkdir(parents=True)
    rows = "".join(f"Satz {number}\tline {number}\tmore\n" for number in range(20))
    cached.write_bytes(gzip.compress(f"{rows}\tno source\n".encode()))
    cached.with_name(f"{cached.name}._valid").touch()  # so mtdata marks a finished download
    Path("mtdata_here.py").write_text("raise SystemExit('code of the current folder ran')\n")

    result = add("news", "--from", f"mtdata:{EUROPARL}", *PAIR)
    assert f"mtdata:{EUROPARL}: 1 rows with a blank sentence are left out" in result.stdout
    entry = read_entry("news", REGISTRY)
    assert "Findings of the 2020 Conference on Machine Translation" in entry.citation
    assert (entry.languages, entry.terms) == (["en", "de"], "free")
    splits = read_registered("news", ("de", "en"), print, REGISTRY).splits
    assert splits["test"] == (["Satz 19"], ["line 19"])

    result = add("other", "--from", f"mtdata:{EUROPARL}", "--language", "en", "--language", "fr", code=2)
    assert "expected one --language for each language of the dataset (deu, eng)" in result.stderr
    assert "found none; search with: mtdata list" in add("x", "--from", "mtdata:A-b-1-deu-eng", *PAIR, code=2).stderr
    cached.unlink()
    shutil.rmtree("corpora")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # a closed port
    with pytest.raises(RunError, match=r"cannot be downloaded \(ProxyError\); connect to the network, or put the file"):
        read_registered("news", ("de", "en"), print, REGISTRY)
