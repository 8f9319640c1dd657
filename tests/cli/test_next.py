"""gradus next shows the next words of several models."""

import pytest
from command_line import gradus
from terminal import Terminal

import gradus as library


def test_the_words_are_those_of_the_library(inside):
    shown = [
        line.split("\t") for line in gradus("next", "ngram", "lstm", "stupid", "a b", "--top", 3).stdout.splitlines()
    ]
    expected = [
        [model, token.text, f"{token.probability:.6g}"]
        for model in ("ngram", "lstm", "stupid")
        for token in library.load(model).next("a b", top=3)
    ]
    assert shown == expected and len(shown) == 9


@pytest.mark.parametrize(("columns", "blocks"), [(80, 1), (60, 2), (30, 3), (10, 3)])
def test_models_that_do_not_fit_beside_each_other_stand_below(inside, columns, blocks):
    """A model takes 21 columns (a word of 4, two spaces, six digits, a space and a bar of 8), and 3 lie between."""
    terminal = Terminal("next", "ngram", "stupid", "ngram", "a", columns=columns)
    assert terminal.end() == 0
    parts = terminal.plain().rstrip("\n").split("\n\n")
    assert len(parts) == blocks
    assert sum(part.split("\n")[0].count("ngram") for part in parts) == 2
    if columns > 21:
        assert max(len(line) for part in parts for line in part.split("\n")) <= columns


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ngram", "lstm", "a zebra"), "ngram: PROMPT: expected one line of known words, found unknown 'zebra'"),
        (("ngram", "nowhere", "a"), "nowhere: expected "),
        (("nowhere",), "nowhere: expected "),
        (("ngram", "a", "--top", 0), "--top: expected a number of at least 1"),
        (("ngram", "mt", "a"), "mt: expected a language model, found a translation model"),
        ((), "models: expected a value, found none"),
    ],
)
def test_wrong_arguments_are_refused_on_one_line(inside, arguments, said):
    error = gradus("next", *arguments, code=2).stderr
    assert said in error and error.count("\n") == 1
