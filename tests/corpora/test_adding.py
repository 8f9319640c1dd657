"""Corpora of the user's own: added by name, fetched again elsewhere, refused without terms or if they are malformed."""

import gzip
import hashlib
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from short_texts import TEXTS
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.corpora.known import known_corpora
from gradus.corpora.registry import read_entry, read_registered
from gradus.errors import InputError, RunError

REGISTRY = Path("corpora.yaml")
PAIR = ("--language", "ja", "--language", "cs")


def corpus(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["corpus", *map(str, arguments)])
    assert result.exit_code == code, result.output
    assert code == 0 or result.stderr.startswith("error: ") and result.stderr.count("\n") == 1, result.stderr
    return result


def write(pattern: str, *languages: str, ending: str = "") -> None:
    """Write the three splits of every language; `pattern` has `{split}` and `{language}`."""
    for split in ("train", "valid", "test"):
        for language in languages:
            path = Path(pattern.format(split=split, language=language) + ending)
            path.parent.mkdir(parents=True, exist_ok=True)
            data = "".join(f"{line} {split}\n" for line in TEXTS[language]).encode()
            path.write_bytes(gzip.compress(data, mtime=0) if ending else data)


def expected(split: str, language: str) -> list[str]:
    return [f"{line} {split}" for line in TEXTS[language]]


def read(name: str, *languages: str) -> dict[str, tuple[list[str], ...]]:
    return dict(read_registered(name, languages, print, REGISTRY).splits)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_folder_is_copied_described_and_read_in_either_direction(project: Path, ending: str) -> None:
    write("texts/{split}.{language}", "ja", "cs", ending=ending)
    result = corpus("add", "cats", "--from", "texts", *PAIR, "--terms", "CC0", "--citation", "Nováková (2026)")
    assert "cats: train 3 lines, valid 3 lines, test 3 lines" in result.stdout
    shutil.rmtree("texts")  # the copy is enough
    assert read("cats", "cs", "ja")["test"] == (expected("test", "cs"), expected("test", "ja"))
    assert read("cats", "ja")["train"] == (expected("train", "ja"),)
    entry = read_entry("cats", REGISTRY)
    assert (entry.terms, entry.citation, entry.languages) == ("CC0", "Nováková (2026)", ["ja", "cs"])
    path = project / "corpora" / entry.folder / f"valid.cs{ending}"
    assert entry.files[path.name] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert entry.largest == max(file.stat().st_size for file in path.parent.iterdir())


def test_one_file_is_split_by_position(project: Path) -> None:
    Path("mine.txt").write_text("".join(f"line {number}\n" for number in range(40)))
    corpus("add", "mine", "--from", "mine.txt", "--language", "en", "--terms", "my own text")
    splits = read("mine", "en")
    assert [len(splits[split][0]) for split in ("train", "valid", "test")] == [36, 2, 2]  # 90%, 5% and 5% of 40
    assert splits["test"] == (["line 38", "line 39"],)


def test_patterns_start_from_the_folder_and_splits_may_come_from_different_places(project: Path, server: str) -> None:
    write("texts/{language}/{split}", "ja", "cs")
    write("served/{split}-{language}", "ja", "cs", ending=".gz")
    parts = ("--train", "{language}/train", "--valid", "{language}/valid")
    test = ("--test", f"{server}/test-{{language}}.gz?download=1")
    corpus("add", "cats", "--from", "texts", *parts, *test, *PAIR, "--terms", "CC0")
    kinds = {split: type(source).__name__ for split, source in read_entry("cats", REGISTRY).sources.items()}
    assert kinds == {"train": "Copied", "valid": "Copied", "test": "Https"}
    assert read("cats", "cs")["test"] == (expected("test", "cs"),)


def test_a_missing_file_is_downloaded_again_and_refused_with_another_sum(project: Path, server: str) -> None:
    write("served/{split}.{language}", "ja", "cs")
    parts = [f"--{split}={server}/{split}.{{language}}" for split in ("train", "valid", "test")]
    corpus("add", "cats", *parts, *PAIR, "--terms", "CC0")
    shutil.rmtree("corpora")  # another machine, which has corpora.yaml from git
    assert read("cats", "ja", "cs")["valid"] == (expected("valid", "ja"), expected("valid", "cs"))
    shutil.rmtree("corpora")
    Path("served/train.cs").write_text("Kočka bdí.\n")
    with pytest.raises(InputError, match=r"/train\.cs: expected SHA-256 .*; try again later"):
        read("cats", "ja", "cs")
    assert not list(Path("corpora").rglob("train.cs"))
    Path("served/train.cs").write_text("Kočka bdí.\n" * 100)
    with pytest.raises(RunError, match=r"/train\.cs: expected at most [0-9]+ bytes, found a larger file"):
        read("cats", "ja", "cs")


def test_copied_files_that_are_missing_or_changed_say_what_to_do(project: Path) -> None:
    write("texts/{split}.{language}", "en")
    corpus("add", "cats", "--from", "texts", "--language", "en", "--terms", "CC0")
    path = project / "corpora" / read_entry("cats", REGISTRY).folder / "valid.en"
    path.write_text("changed\n")
    with pytest.raises(InputError, match=r"valid\.en: expected SHA-256 .*; put back the file, or remove and add"):
        read("cats", "en")
    path.unlink()
    with pytest.raises(
        InputError, match="found no file; copy the file to this place from the machine on which"
    ) as caught:
        read("cats", "en")
    assert str(path) in str(caught.value) and "GRADUS_CORPORA" in str(caught.value)


def test_the_same_text_has_the_same_folder_and_another_text_another(project: Path) -> None:
    write("texts/{split}.{language}", "en")
    add = ("add", "cats", "--from", "texts", "--language", "en", "--terms", "CC0")
    corpus(*add)
    first, text = read_entry("cats", REGISTRY), REGISTRY.read_bytes()
    corpus("remove", "cats")
    corpus(*add)
    assert REGISTRY.read_bytes() == text
    corpus("remove", "cats")
    Path("texts/test.en").write_text("A new cat.\n")
    corpus(*add)
    assert read_entry("cats", REGISTRY).folder != first.folder
    assert (project / "corpora" / first.folder / "test.en").read_text() == "".join(
        f"{line}\n" for line in expected("test", "en")
    )


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"train.cs": b"a\nb\r\n"}, (), "texts/train.cs: line 2: expected UTF-8 text with LF line ends"),
        ({"train.cs": b"ok\n\xff\n"}, (), "texts/train.cs: line 2: expected UTF-8, found byte 0xff"),
        ({"train.cs": b"a\n"}, (), "texts/train.cs: expected 3 lines, as in train.ja, found 1 lines"),
        ({"test.ja": b"a\n \nc\n"}, (), "texts/test.ja: line 2: expected a sentence on each side of a pair"),
        ({"train.cs.gz": b"not gzip"}, ("--train", "train.{language}.gz"), "texts/train.ja.gz: expected a text file"),
        ({"train.cs": None}, (), "texts: expected files train.ja, valid.ja, test.ja (or text.ja) for each language"),
        ({"text.ja": b"a\n", "text.cs": b"a\n"}, (), "texts: expected files train.ja"),
        ({}, ("--train", "train.ja"), "expected {language} in the name, for ja, cs, found one name for all"),
        ({}, ("--valid", "valid.{language}"), "expected --train, --valid and --test, or only --text, or only --from"),
        ({}, ("--language", "ja"), "--language: expected different languages, found one twice"),
        ({}, ("--language", "../en"), "--language.2: expected text that matches"),
        ({}, ("--terms", " "), "--terms: expected printable text with at least one letter or digit"),
        ({}, ("--terms", "\x1b[2J"), "--terms: expected printable text with at least one letter or digit"),
        ({}, ("--column", "text"), "--column: expected LANGUAGE=COLUMN, found 'text'"),
    ],
)
def test_what_is_malformed_is_refused_and_leaves_nothing(
    project: Path, changes: dict[str, bytes | None], options: tuple[str, ...], message: str
) -> None:
    write("texts/{split}.{language}", "ja", "cs")
    for name, data in changes.items():
        path = Path("texts", name)
        path.unlink(missing_ok=True)
        if data is not None:
            path.write_bytes(data)
    if options[:1] == ("--train",):
        options = (*options, "--valid", "valid.{language}", "--test", "test.{language}")
    terms = () if "--terms" in options else ("--terms", "CC0")
    result = corpus("add", "cats", "--from", "texts", *PAIR, *terms, *options, code=2)
    assert message in result.stderr
    assert not REGISTRY.exists()
    assert not list(Path("corpora").rglob("*.ja*"))


def test_a_corpus_without_terms_or_language_or_source_is_refused(project: Path, server: str) -> None:
    write("texts/{split}.{language}", "en")
    Path("served/one.txt").write_text("x\n" * 20)
    for source in ("texts", "texts/train.en", f"{server}/one.txt"):
        result = corpus("add", "cats", "--from", source, "--language", "en", code=2)
        assert "--terms: expected the terms of use, which the source does not state, found none" in result.stderr
    assert "--language: expected at least one" in corpus("add", "cats", "--from", "texts", code=2).stderr
    assert "--from: expected a source of text" in corpus("add", "cats", "--language", "en", code=2).stderr
    assert not Path("corpora").exists() and not REGISTRY.exists()


@pytest.mark.parametrize("name", ["builtin", "multi30k", "mine", "data_own", "a-b", "../x", "1x"])
def test_a_name_that_is_taken_or_improper_is_refused(project: Path, name: str) -> None:
    write("texts/{split}.{language}", "en")
    Path("data/own/data_own").mkdir(parents=True)
    add = ("--from", "texts", "--language", "en", "--terms", "CC0")
    corpus("add", "mine", *add)
    before = REGISTRY.read_bytes()
    assert corpus("add", name, *add, code=2).stderr.startswith("error: NAME: expected a name")
    assert REGISTRY.read_bytes() == before


def test_comments_and_other_entries_of_the_registry_stay(project: Path) -> None:
    write("texts/{split}.{language}", "en")
    for name in ("first", "second", "third"):
        corpus("add", name, "--from", "texts", "--language", "en", "--terms", f"terms: of # {name}")
    text = REGISTRY.read_text().replace("  second:", "  # the second one\n  second:")
    REGISTRY.write_text(text)
    corpus("remove", "third")
    assert "  # the second one\n  second:" in REGISTRY.read_text()
    assert read_entry("second", REGISTRY).terms == "terms: of # second"
    assert (
        "expected a corpus in corpora.yaml (first, second), found 'third'" in corpus("remove", "third", code=2).stderr
    )


def test_a_stranger_s_registry_cannot_take_a_public_name_or_folder(project: Path) -> None:
    write("texts/{split}.{language}", "en")
    corpus("add", "mine", "--from", "texts", "--language", "en", "--terms", "CC0")
    text = REGISTRY.read_text()
    REGISTRY.write_text(text.replace("  mine:", "  ptb:"))
    assert "corpora.yaml: corpora: expected a name that no built-in or public" in corpus("list", code=2).stderr
    folder = text.split("folder: ")[1].split("\n")[0]
    REGISTRY.write_text(text.replace(folder, "multi30k"))
    with pytest.raises(InputError, match=r"corpora\.mine\.folder: expected a folder that no public corpus has"):
        read("mine", "en")
    REGISTRY.write_text("corpora: [1, 2]\n")
    corpus("list", code=2)
    corpus("add", "other", "--from", "texts", "--language", "en", "--terms", "CC0", code=2)


def test_the_list_names_every_corpus_and_whether_it_is_here(project: Path) -> None:
    write("texts/{split}.{language}", "ja", "cs")
    write("data/own/diary/{split}", "en", ending="")
    for path in Path("data/own/diary").iterdir():
        path.rename(path.with_suffix(".txt"))
    corpus("add", "cats", "--from", "texts", *PAIR, "--terms", "[red]CC0[/red] :smile:")
    shown = corpus("list").stdout
    row = next(line for line in shown.splitlines() if line.startswith("cats "))
    assert "registered" in row and "ja, cs" in row and "6 of 6 files" in row and "[red]CC0[/red] :smile:" in row
    known = {corpus.name: corpus for corpus in known_corpora(REGISTRY, Path("data/own"))}
    assert {"builtin", "multi30k", "ptb", "cats", "diary"} <= set(known)
    assert (known["cats"].languages, known["cats"].tracks) == (("ja", "cs"), ("lm", "mt"))
    assert (known["diary"].kind, known["diary"].tracks) == ("own folder", ("lm",))
    assert not any(known["multi30k"].files.values())


def test_without_an_option_and_in_an_empty_folder_the_list_works(project: Path) -> None:
    assert "tinyshakespeare" in corpus("list").stdout
