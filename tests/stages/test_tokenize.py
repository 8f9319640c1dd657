import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import write_seal
from gradus.corpora.files import CORPUS
from gradus.text.token_ids import read_ids
from gradus.text.tokenizers.tokenizer import load_tokenizer
from stages import acquire
from stages.tokenize import app

Tokenize = Callable[..., Result]

SENTENCES = [
    f"the {noun} {verb} on the {place}" for noun in ("cat", "dog") for verb in ("sat", "sits") for place in "ab"
]


@pytest.fixture
def tokenize(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tokenize:
    """Run the stage on a small text in an empty folder; `changed` replaces files of data/raw."""
    monkeypatch.chdir(tmp_path)

    def run(track: str, section: str, changed: dict[str, bytes] | None = None) -> Result:
        folder = tmp_path / "data/raw" / track
        folder.mkdir(parents=True, exist_ok=True)
        for split in ("train", "valid", "test"):
            for suffix in ("txt",) if track == "lm" else ("src", "tgt"):
                (folder / f"{split}.{suffix}").write_text("".join(f"{line}\n" for line in SENTENCES))
        languages = {"language": "en"} if track == "lm" else {"src": "en", "tgt": "de"}
        write_json(folder / "source.json", {"corpus": "tiny", "test_lines_seen_in_training": 0, **languages})
        for name, content in (changed or {}).items():
            (folder / name).write_bytes(content)
        write_seal(folder, CORPUS)
        Path("params.yaml").write_text(f"numerics: portable\ntokenize: {{{track}: {{{section}}}}}\n")
        return CliRunner().invoke(app, ["--name", track])

    return run


@pytest.mark.parametrize(
    "section", ["kind: word, min_count: 1", "kind: unigram, size: 19", "kind: bpe, size: 30", "kind: char"]
)
def test_ids_of_every_kind_decode_to_the_text(tokenize: Tokenize, section: str) -> None:
    result = tokenize("lm", section)
    assert result.exit_code == 0, result.stderr
    folder = Path("data/tokens/lm")
    tokenizer = load_tokenizer(folder / "tokenizer")
    manifest = read_json(folder / "manifest.json")
    ids = read_ids(folder, "test")
    lines = " ".join(map(str, ids)).removesuffix(" 3").split(" 3 ")
    assert [tokenizer.decode([int(i) for i in line.split()]) for line in lines] == SENTENCES
    assert manifest["tokenizer"] == {"kind": tokenizer.kind, "size": tokenizer.size, "sha256": tokenizer.sha256}
    characters = sum(len(line) + 1 for line in SENTENCES)
    expected = {"lines": 8, "tokens": ids.size, "characters": characters, "unk": 0, "oov_rate": 0.0}
    assert manifest["splits"] == dict.fromkeys(("train", "valid", "test"), expected)
    assert (
        f"test: 8 lines, {ids.size} tokens (with one EOS per line), {characters} characters, 0.00% unknown"
        in result.stdout
    )


def test_char_has_one_token_per_character_of_the_file(tokenize: Tokenize) -> None:
    tokenize("lm", "kind: char", {"test.txt": b"\n  the cat \n\n"})
    assert read_ids(Path("data/tokens/lm"), "test").size == len("\n  the cat \n\n")


def test_translation_has_one_joint_tokenizer_or_two(tokenize: Tokenize) -> None:
    assert tokenize("mt", "kind: bpe, size: 30, joint: true").exit_code == 0
    assert sorted(path.name for path in Path("data/tokens/mt").iterdir()) == sorted(
        [*(f"{split}.{side}.npy" for split in ("train", "valid", "test") for side in ("src", "tgt"))]
        + ["corpus.json", "gradus.seal", "manifest.json", "tokenizer"]
    )
    assert tokenize("mt", "kind: word, min_count: 1, joint: false").exit_code == 0
    assert not Path("data/tokens/mt/tokenizer").exists()
    assert load_tokenizer(Path("data/tokens/mt/tokenizer.tgt")).kind == "word"


def test_a_second_run_writes_the_same_bytes(tokenize: Tokenize) -> None:
    def outputs() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in Path("data/tokens").rglob("*") if path.is_file()}

    tokenize("mt", "kind: unigram, size: 19, joint: false")
    first = outputs()
    tokenize("mt", "kind: unigram, size: 19, joint: false")
    assert outputs() == first


@pytest.mark.parametrize(
    ("track", "section", "changed", "message"),
    [
        (
            "lm",
            "kind: word, min_count: 1",
            {"train.txt": b"a\nb </s>\n"},
            "data/raw/lm/train.txt: line 2: expected words",
        ),
        (
            "mt",
            "kind: char, joint: true",
            {"test.src": b"a\n"},
            "data/raw/mt/test.tgt: expected 1 lines, as in test.src",
        ),
        ("lm", "kind: char", {"valid.txt": b"a\r\n"}, "data/raw/lm/valid.txt: line 1: expected UTF-8 text with LF"),
        ("lm", "kind: char", {"train.txt": b"\n \n"}, "training text: expected words, found none; add text"),
        ("lm", "kind: bpe, size: 5000", {}, "params.yaml: tokenizer: size: expected at most "),
        ("lm", "kind: unigram, size: 5000", {}, "params.yaml: tokenizer: size: expected at most "),
        ("lm", "kind: bpe, size: 8", {}, "params.yaml: tokenizer: size: expected at least "),
        (
            "lm",
            "kind: word, min_count: 99",
            {},
            "params.yaml: tokenizer: min_count: expected at most 16, the count of the most ",
        ),
        ("lm", "kind: word, min_count: 0", {}, "params.yaml: tokenize.lm.min_count: expected a number of at least 1"),
        ("lm", "kind: word", {}, "params.yaml: tokenize.lm.min_count: expected a value, found none; add the key"),
        ("lm", "kind: word, min_count: 1, size: 9", {}, "params.yaml: tokenize.lm.size: expected a known key"),
        ("lm", "kind: words", {}, "params.yaml: tokenize.lm.kind: expected one of 'word', 'unigram', 'bpe', "),
        ("mt", "kind: char", {}, "params.yaml: tokenize.mt.joint: expected a value, found none; add the key"),
    ],
)
def test_bad_text_and_parameters_are_refused_on_one_line(
    tokenize: Tokenize, track: str, section: str, changed: dict[str, bytes], message: str
) -> None:
    result = tokenize(track, section, changed)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {message}")
    assert result.stderr.count("\n") == 1
    assert not Path("data/tokens").exists()


def test_missing_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("numerics: portable\ntokenize: {lm: {kind: char}}\n")
    result = CliRunner().invoke(app, ["--name", "lm"])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: data/raw/lm: expected a folder of the texts of a corpus")


@pytest.mark.corpora
@pytest.mark.skipif("GRADUS_CORPORA" not in os.environ, reason="GRADUS_CORPORA is not set")
def test_real_text_is_tokenised_without_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADUS_CORPORA", str(Path(os.environ["GRADUS_CORPORA"]).absolute()))
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(
        "numerics: portable\n"
        "acquire: {lm: {corpus: tinyshakespeare, language: en}, mt: {corpus: multi30k, src: de, tgt: en}}\n"
        "tokenize: {lm: {kind: char}, mt: {kind: bpe, size: 2000, joint: false}}\n"
    )
    for track in ("lm", "mt"):
        assert CliRunner().invoke(acquire.app, ["--name", track]).exit_code == 0
        assert CliRunner().invoke(app, ["--name", track]).exit_code == 0
    splits = read_json(Path("data/tokens/lm/manifest.json"))["splits"]
    assert all(split["tokens"] == split["characters"] and split["unk"] == 0 for split in splits.values())
    assert sum(split["characters"] for split in splits.values()) == 1_115_394
    tokenizer = load_tokenizer(Path("data/tokens/mt/tokenizer.src"))
    text = Path("data/raw/mt/train.src").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    assert [tokenizer.decode(tokenizer.encode(line)) for line in text[:3000]] == text[:3000]
