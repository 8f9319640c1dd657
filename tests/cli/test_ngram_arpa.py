"""gradus ngram export and import: write a model as ARPA and read it again."""

import pytest
from command_line import TEXT, gradus

from gradus.artifacts.json_files import read_json
from gradus.artifacts.seals import write_seal
from gradus.ngram.scoring.storage import MODELS, open_ngram
from gradus.text.tokenizers.words import WordTokenizer


@pytest.fixture
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text(TEXT)
    gradus("ngram", "build", "text.txt", "model", "--order", 3, "--smoother", "witten_bell")
    return tmp_path


@pytest.mark.parametrize("name", ["model.arpa", "model.arpa.gz"])
def test_a_model_that_is_exported_and_imported_scores_the_same(inside, name):
    gradus("ngram", "export", "model", name)
    result = gradus("ngram", "import", name, "again")
    sizes = " ".join(map(str, [7, *(hi - lo for lo, hi in pairs(inside)[1:])]))
    assert result.stdout == f"again: order 3, 7 words, n-grams by order: {sizes}\n" and result.stderr == ""
    assert read_json(inside / "again/manifest.json")["kind"] == "arpa"
    for file in "words.npy", "begins.npy", "suffixes.npy", "log_probs.3.npy", "tokenizer/vocabulary.txt":
        again, first = (inside / folder / file for folder in ("again", "model"))
        assert again.read_bytes() == first.read_bytes()
    (inside / "other.txt").write_text("a b d\nd\n")
    assert gradus("score", "again", "other.txt").stdout == gradus("score", "model", "other.txt").stdout
    gradus("ngram", "export", "again", "again.arpa")
    gradus("ngram", "export", "model", "first.arpa")
    assert (inside / "again.arpa").read_bytes() == (inside / "first.arpa").read_bytes()


def pairs(inside):
    firsts = open_ngram(inside / "model", 3).trie.firsts[1:]
    return list(zip(firsts, firsts[1:], strict=False))


def test_a_model_without_its_tokenizer_is_refused(inside):
    (inside / "model/tokenizer").rename(inside / "elsewhere")
    write_seal(inside / "model", MODELS)
    result = gradus("ngram", "export", "model", "one.arpa", code=2)
    assert result.stderr == (
        "error: model/tokenizer: expected the tokenizer of the model, found no folder, because an older gradus made "
        "the model; make the model again (dvc repro)\n"
    )
    WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", "x", "y", "z"]).save(inside / "model/tokenizer")
    result = gradus("ngram", "export", "model", "two.arpa", code=2)
    assert "expected the tokenizer of model (SHA-256" in result.stderr and not (inside / "two.arpa").exists()


def test_an_order_that_was_not_fitted_cannot_be_exported(inside):
    result = gradus("ngram", "export", "model", "one.arpa", "--order", 2, code=2)
    assert "expected an order for which a model was fitted (3), found 2" in result.stderr


def test_warnings_are_printed_and_stored(inside):
    gradus("ngram", "export", "model", "model.arpa")
    text = (inside / "model.arpa").read_text()
    lines = [line for line in text.replace("ngram 1=6", "ngram 1=5").split("\n") if "<unk>" not in line]
    removed = text.count("<unk>") - 1
    assert removed > 0
    for order in (2, 3):
        there = sum(line.count(" ") == order - 1 and "\t" in line for line in lines)
        lines = [f"ngram {order}={there}" if line.startswith(f"ngram {order}=") else line for line in lines]
    (inside / "less.arpa").write_text("\n".join(lines))
    result = gradus("ngram", "import", "less.arpa", "less")
    assert result.stderr == "warning: the file has no 1-gram <unk>; the log10 of its probability is set to -100\n"
    assert read_json(inside / "less/manifest.json")["warnings"] == [result.stderr.strip().removeprefix("warning: ")]


def test_a_broken_file_leaves_no_folder(inside):
    gradus("ngram", "export", "model", "model.arpa")
    whole = (inside / "model.arpa").read_text()
    (inside / "half.arpa").write_text(whole[: len(whole) // 2])
    result = gradus("ngram", "import", "half.arpa", "half", code=2)
    assert result.stderr.startswith("error: half.arpa: line ") and result.stderr.count("\n") == 1
    assert not [path for path in inside.iterdir() if path.name in ("half", "half.part")]
