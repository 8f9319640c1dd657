"""score, translate and complete on text that a person writes: unknown words, punctuation and blank lines."""

import pytest
from command_line import gradus
from terminal import Terminal

import gradus as library


@pytest.fixture(scope="module")
def sentences(models, tmp_path_factory):
    """A folder with a model that knows `king`, `sleeps` and `.`, and with the translation model."""
    folder = tmp_path_factory.mktemp("sentences")
    (folder / "train.txt").write_text("the king sleeps .\nthe king sings .\n")
    gradus("ngram", "build", folder / "train.txt", folder / "king", "--order", 3)
    (folder / "mt").symlink_to(models / "mt")
    return folder


@pytest.fixture
def inside(sentences, monkeypatch):
    monkeypatch.chdir(sentences)
    return sentences


def test_a_prompt_may_be_written_as_people_write(inside):
    for written in ("the king sleeps.", "the king sleeps ."):
        assert gradus("complete", "king", written, "--strategy", "greedy").stdout == "the king sleeps .\n"
    error = gradus("complete", "king", "the unicorn, sleeps.", code=2).stderr
    assert "found unknown 'unicorn,'" in error and error.count("\n") == 1


def test_unknown_words_of_a_translated_file_are_named_by_line(inside):
    (inside / "text.txt").write_text("a b\n\nyak a zebra yak\nc\n")
    result = gradus("translate", "mt", "text.txt", "--max-length", 5)
    assert result.stderr == "warning: line 3: unknown words: yak, zebra (read as <unk>)\n"
    lines = result.stdout.split("\n")
    assert len(lines) == 5 and lines[1] == lines[4] == ""
    assert lines[:4] == [
        str(one) for one in library.load("mt").translate(["a b", "", "yak a zebra yak", "c"], max_length=5)
    ]


def test_translate_has_the_strategies_of_complete(inside):
    (inside / "text.txt").write_text("a b c\nb\n")

    def translated(*options):
        return gradus("translate", "mt", "text.txt", "--max-length", 8, *options).stdout

    assert translated("--beam-size", 1) == translated("--strategy", "greedy")
    assert translated() == translated("--strategy", "beam", "--beam-size", 4, "--length-penalty", 0.6)
    draws = {translated("--strategy", "sample", "--temperature", 3, "--seed", seed) for seed in range(4)}
    assert len(draws) > 1 and translated("--strategy", "sample") == translated("--strategy", "sample", "--seed", 1)
    assert "Default: 0.6 (beam)" in " ".join(gradus("translate", "--help").stdout.split())
    assert "Default: 0.0 (beam)" in " ".join(gradus("complete", "--help").stdout.split())


def test_many_unknown_words_are_a_warning(inside):
    (inside / "text.txt").write_text("The king sleeps.\n")
    result = gradus("score", "king", "text.txt")
    assert result.stderr.startswith("warning: 2 of 4 tokens are unknown; write words as in the training text")
    (inside / "text.txt").write_text("the king sleeps .\n" * 10 + "the queen sleeps .\n")
    assert gradus("score", "king", "text.txt").stderr == ""  # 1 of 55 tokens, less than a twentieth


def test_scores_are_aligned_in_a_terminal(inside):
    (inside / "text.txt").write_text("the king sleeps .\n")
    terminal = Terminal("score", "king", "text.txt")
    assert terminal.end() == 0
    piped = dict(line.split(": ") for line in gradus("score", "king", "text.txt").stdout.splitlines())
    shown = terminal.plain().splitlines()
    assert dict(line.split() for line in shown) == piped
    assert len({len(line) for line in shown}) == 1  # the numbers end in one column
