"""Commands that a person types to in a terminal: prompts, history, one end of input, and errors that end nothing."""

import os

import pytest
from command_line import gradus
from terminal import Terminal

UP, END_OF_INPUT = "\x1b[A", "\x04"
PROMPT = "\n> "


def test_complete_answers_until_one_end_of_input(inside):
    terminal = Terminal("complete", "ngram", "--texts", 2, "--length", 3)
    terminal.wait_for(PROMPT)
    terminal.type("a b\r")
    answers = terminal.wait_for(PROMPT).replace("\r", "").split("\n")
    assert sum(line.startswith("a b") for line in answers) == 3  # the echo and two texts
    terminal.type("zebra\r")
    assert "found unknown 'zebra'" in terminal.wait_for(PROMPT)
    terminal.type(UP + UP + "\r")  # two lines back in the history: "a b"
    assert "a b" in terminal.wait_for(PROMPT)
    terminal.type(END_OF_INPUT)
    assert terminal.end() == 0
    assert terminal.plain().count("zebra") == 3  # the echo, the error and the history


def test_translate_names_the_unknown_words_of_each_sentence(inside):
    terminal = Terminal("translate", "mt", "--max-length", 3)
    terminal.wait_for(PROMPT)
    terminal.type("a zebra b yak zebra\r")
    assert "unknown words: zebra, yak (read as <unk>)" in terminal.wait_for(PROMPT)
    terminal.type("a b\r")
    assert "unknown" not in terminal.wait_for(PROMPT)
    terminal.type("\r")  # a blank line has an empty translation
    terminal.wait_for(PROMPT)
    terminal.type(END_OF_INPUT)
    assert terminal.end() == 0


def test_next_shows_models_side_by_side(inside):
    terminal = Terminal("next", "ngram", "lstm", "--top", 2)
    terminal.wait_for(PROMPT)
    terminal.type("a\r")
    heading, *rows = terminal.wait_for(PROMPT).replace("\r", "").split("\n")[1:]
    assert heading.index("ngram") < heading.index("lstm") and len(rows) == 2
    terminal.type("b")
    terminal.wait_for("b")
    terminal.interrupt()  # discards the line
    terminal.wait_for(PROMPT)
    terminal.interrupt()
    assert terminal.end() == 130


def test_score_needs_one_end_of_input(inside):
    terminal = Terminal("score", "ngram")
    terminal.wait_for("Ctrl-D")
    terminal.type("a b c\ra\r" + END_OF_INPUT)
    assert terminal.end() == 0
    (tokens,) = (line.split() for line in terminal.plain().split("\n") if line.startswith("tokens"))
    assert tokens == ["tokens", "6"]


@pytest.mark.parametrize("arguments", [("complete", "mt"), ("next", "mt"), ("translate", "lstm"), ("next", "nowhere")])
def test_a_wrong_model_is_refused_before_the_first_question(inside, arguments):
    terminal = Terminal(*arguments)
    assert terminal.end() == 2
    assert "error: " in terminal.plain() and PROMPT not in terminal.plain()


def test_lines_of_a_pipe_are_answered_too(inside):
    answers = piped("complete", "ngram", "--strategy", "greedy", text=b"a\nb\n")
    assert [line[0] for line in answers] == ["a", "b"]
    rows = [line.split("\t") for line in piped("next", "ngram", "lstm", "--top", "2", text=b"a\n")]
    assert [row[0] for row in rows] == ["ngram", "ngram", "lstm", "lstm"]
    assert all(0 < float(row[2]) < 1 for row in rows)


def piped(*arguments, text):
    """Run a command whose standard input is a pipe; return the lines of its output."""
    reader, writer = os.pipe()
    os.write(writer, text)
    os.close(writer)
    kept = os.dup(0)
    os.dup2(reader, 0)
    try:
        return gradus(*arguments).stdout.splitlines()
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(reader)
