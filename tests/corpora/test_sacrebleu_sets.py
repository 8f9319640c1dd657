"""Test sets of sacreBLEU: its real classes on a download that is in its cache already."""

import io
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from sacrebleu.dataset import DATASETS
from short_texts import TEXTS
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.corpora.registry import read_entry, read_registered
from gradus.errors import RunError

REGISTRY = Path("corpora.yaml")
PAIR = ("--language", "en", "--language", "de")
LINES = {"en": ["A test.", "Two &amp; two."], "de": ["Ein Test.", "Zwei &amp; zwei."]}


def sgm(language: str) -> bytes:
    rows = "".join(f'<seg id="{number}"> {line} </seg>\n' for number, line in enumerate(LINES[language], start=1))
    return f'<doc docid="x" genre="news" origlang="en">\n{rows}</doc>\n'.encode()


@pytest.fixture
def cached(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an archive with the form of WMT's into sacreBLEU's cache, as if it were downloaded."""
    for name in ("wmt13", "wmt14"):
        dataset: Any = DATASETS[name]
        raw = project / "sacrebleu" / name / "raw"
        monkeypatch.setattr(dataset, "_outdir", str(raw.parent))
        monkeypatch.setattr(dataset, "_rawdir", str(raw))
        raw.mkdir(parents=True)
        archive = raw / dataset._get_tarball_filename(dataset.data[0])
        with tarfile.open(archive, "w:gz") as tar:
            for path, language in zip(dataset.langpairs["en-de"], ("en", "de"), strict=True):
                member = tarfile.TarInfo(path)
                member.size = len(sgm(language))
                tar.addfile(member, io.BytesIO(sgm(language)))
        with tarfile.open(archive) as tar:  # sacreBLEU unpacks an archive only after it has downloaded it
            tar.extractall(raw, filter="data")
    Path("train.en").write_text("".join(f"{line}\n" for line in TEXTS["en"]))
    Path("train.de").write_text("a\nb\nc\n")
    return project


def add(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["corpus", "add", "news", *PAIR, *arguments])
    assert result.exit_code == code, result.output
    return result.output


PARTS = ("--train", "train.{language}", "--valid", "sacrebleu:wmt13/en-de", "--test", "sacrebleu:wmt14/en-de")


def test_test_sets_join_training_text_from_elsewhere_and_are_cited(cached: Path) -> None:
    assert "train 3 lines, valid 2 lines, test 2 lines" in add(*PARTS, "--terms", "research")
    splits = read_registered("news", ("de", "en"), print, REGISTRY).splits
    assert splits["test"] == (LINES["de"], LINES["en"])  # the direction of the test set does not matter
    entry = read_entry("news", REGISTRY)
    findings = "Workshop on Statistical Machine Translation"
    years = (f"Bojar et al. ({year}), Findings of the {year} {findings}" for year in (2013, 2014))
    assert entry.citation == "; ".join(years)  # the training text, a file of the user, has no citation
    fetched = Path("corpora") / entry.folder / "test.de"
    before = fetched.read_bytes()
    fetched.unlink()
    read_registered("news", ("de",), print, REGISTRY)
    assert fetched.read_bytes() == before


def test_sacrebleu_states_no_terms_and_has_no_training_text(cached: Path) -> None:
    assert "--terms: expected the terms of use" in add(*PARTS, code=2)
    test = ("--terms", "x", "--from", "sacrebleu:wmt14/en-de")
    assert "--from: expected a source of training text, found a test set" in add(*test, code=2)
    assert "expected a source of training text" in add("--terms", "x", "--text", "sacrebleu:wmt14/en-de", code=2)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("sacrebleu:wmt1/en-de", "expected a test set of sacreBLEU, found 'wmt1'"),
        ("sacrebleu:wmt14/en-ja", "expected a direction of wmt14 (cs-en, de-en, en-cs, en-de"),
        ("sacrebleu:wmt14/en-fr", "expected a language of this source (en, fr), found 'de'"),
        ("sacrebleu:wmt14", "test_set: expected text that matches"),
        ("sacrebleu:../../x/en-de", "test_set: expected text that matches"),
    ],
)
def test_what_sacrebleu_lacks_is_named(cached: Path, source: str, message: str) -> None:
    assert message in add(*PARTS[:-1], source, "--terms", "x", code=2)


def test_a_download_that_fails_is_an_error_and_not_the_end_of_the_process(
    cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(*PARTS, "--terms", "research")
    shutil.rmtree("corpora")
    shutil.rmtree("sacrebleu")
    Path("other").write_bytes(b"not the archive")
    for address, reason in ((cached / "other", "SystemExit"), (cached / "none", "URLError")):
        monkeypatch.setattr(DATASETS["wmt13"], "data", [f"file://{address}"])
        entry = read_entry("news", REGISTRY)
        (Path("corpora") / entry.folder).mkdir(parents=True, exist_ok=True)
        for language in ("en", "de"):
            shutil.copy(f"train.{language}", Path("corpora") / entry.folder / f"train.{language}")
        with pytest.raises(RunError, match=rf"cannot be downloaded \(sacreBLEU failed: {reason}\)"):
            read_registered("news", ("en",), print, REGISTRY)
        shutil.rmtree("sacrebleu")
