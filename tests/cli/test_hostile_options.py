"""complete, score and translate refuse wrong values at once, on one line, with the right exit code."""

import math

import pytest
from command_line import gradus

from gradus.decoding.strategies import STRATEGIES
from gradus.errors import RunError
from gradus.inference.line_table import line_rows
from gradus.inference.scoring import ScoredBlock


def one_line(result, said):
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1, result.output
    assert said in result.stderr
    assert not any(words in result.stderr for words in ("bug in gradus", "Input should", "Value error"))


@pytest.mark.parametrize("model", ["ngram", "lstm"])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--strategy", "beam", "--beam-size", 10**8), "beam_size: expected at most "),
        (
            ("--strategy", "beam", "--beam-size", 0),
            "--strategy beam: beam_size: expected a number of at least 1, found 0",
        ),
        (("--strategy", "beam", "--beam-size", 10**30), "beam_size: expected an integer below 2^63"),
        (("--texts", 10**9), "texts or batch: expected at most "),
        (("--texts", -1), "--texts: expected "),
        (("--texts", "many"), "--texts: expected "),
        (("--length", 10**12), "--length: expected a number up to 100000, found"),
        (("--strategy", "sample", "--temperature", "nan"), "temperature: expected a finite number"),
        (("--strategy", "sample", "--temperature", "1e-300"), "temperature: expected a number of at least 0.0001"),
        (("--temperature", "inf"), "temperature: expected a finite number"),
        (("--temperature", ""), "--temperature: expected a number, found ''"),
        (("--top-p", 0), "--strategy nucleus: top_p: expected a number above 0"),
        (("--top-p", "nan"), "top_p: expected a finite number"),
        (("--strategy", "top_k", "--top-k", 10**30), "top_k: expected an integer below 2^63"),
        (("--strategy", "beam", "--length-penalty", "1e300"), "length_penalty: expected a number up to 10"),
        (("--seed", 2**64), "--seed: expected "),
        (("--strategy", "\x1b[31m"), "--strategy: expected one of 'greedy'"),
        (
            ("--strategy", "greedy", "--temperature", 0.5),
            "greedy: expected no settings, found --temperature; leave",
        ),
        (
            ("--strategy", "beam", "--top-k", 5),
            "expected only the settings --beam-size, --length-penalty, found",
        ),
        (("--beam-size", 5), "--strategy nucleus: expected only the settings --temperature, --top-k, --top-p, found"),
    ],
)
def test_complete_refuses_what_cannot_work(inside, model, options, said):
    one_line(gradus("complete", model, "", *options, code=2), said)


def test_every_strategy_of_the_table_can_be_asked_for(inside):
    shown = " ".join(gradus("complete", "--help").stdout.split())
    names = [preset.name for strategy in STRATEGIES for preset in strategy.presets]
    assert len(set(names)) == len(names)  # a preset would silently hide another of its name
    for strategy in STRATEGIES:
        for preset in strategy.presets:
            assert f"{preset.name} {preset.about}" in shown
            assert all("--" + setting.replace("_", "-") in shown for setting in preset.settings)
            lines = gradus("complete", "ngram", "", "--strategy", preset.name, "--texts", 2).stdout.splitlines()
            assert len(lines) == (2 if strategy.draws else 1)


def test_settings_change_a_preset(inside):
    """Sampling from one type only is greedy decoding."""
    greedy, *others = (
        gradus("complete", "lstm", "a b", *options).stdout.splitlines()[0]
        for options in (
            ("--strategy", "greedy"),
            ("--strategy", "top_k", "--top-k", 1),
            ("--top-p", 1e-9),
            ("--strategy", "beam", "--beam-size", 1),
            ("--strategy", "min_p", "--min-p", 1.0),
        )
    )
    assert set(others) == {greedy}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("score", "mt", "text.txt"), "mt"),
        (("complete", "mt"), "mt"),
        (("translate", "lstm", "text.txt"), "lstm"),
        (("translate", "ngram", "text.txt"), "ngram"),
    ],
)
def test_a_model_of_another_kind_is_refused(inside, arguments, said):
    (inside / "text.txt").write_text("a b c\n")
    one_line(gradus(*arguments, code=2), said)


@pytest.mark.parametrize(
    "prompt", ["a\nb", "\udcff", "<s>", "</s>", "<pad>", "<unk>", "nosuchword", "\x1b[2J", "x" * 10**6]
)
def test_a_prompt_is_one_line_of_known_words(inside, prompt):
    result = gradus("complete", "ngram", prompt, code=2)
    one_line(result, "expected ")
    assert result.stderr.rstrip("\n").isprintable() and len(result.stderr) < 3000


def test_a_long_prompt_of_known_words_is_read(inside):
    for model in ("ngram", "lstm"):
        assert gradus("complete", model, "a b " * 5000, "--texts", 1, "--length", 1).stdout.startswith("a b a b")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--beam-size", 10**8), "beam_size: expected at most "),
        (("--beam-size", -1), "--strategy beam: beam_size: expected a number of at least 1, found -1"),
        (("--length-penalty", "-inf"), "length_penalty: expected a finite number"),
        (("--max-length", 10**13), "tokens or max_length: expected at most "),
        (("--max-length", 0), "--max-length: expected "),
        (("--batch", 0), "--batch: expected "),
        (("--batch", "nan"), "--batch: expected "),
    ],
)
def test_translate_refuses_what_cannot_work(inside, options, said):
    one_line(gradus("translate", "mt", "source.txt", *options, code=2), said)


@pytest.mark.parametrize("text", [b"", b"a \xff\n", b"a\0\n", b"a\r\n", b"\xef\xbb\xbfa\n", "a\n".encode("utf-16")])
def test_text_that_is_none_is_refused_with_its_place(inside, text):
    (inside / "odd.txt").write_bytes(text)
    one_line(gradus("translate", "mt", "odd.txt", code=2), "odd.txt")
    for model in ("ngram", "lstm"):
        one_line(gradus("score", model, "odd.txt", code=2), "odd.txt")


def test_a_text_in_one_line_is_no_sentence(inside):
    (inside / "whole.txt").write_text("a b\n" + "a b c " * 4000 + "\n")
    result = gradus("translate", "mt", "whole.txt", code=2)
    one_line(result, "text: line 2: expected a sentence of at most 10000 tokens, found 12001 tokens; split the line")
    (inside / "whole.txt").write_text("a b c " * 3000 + "\n")
    assert gradus("translate", "mt", "whole.txt", "--max-length", 2).stdout.count("\n") == 1


@pytest.mark.parametrize("command", ["complete", "score", "translate"])
@pytest.mark.parametrize("model", ["nowhere", "/", ".", "/dev/null", "x" * 300, "a\x1bb", "text.txt/x", "tokens/lm"])
def test_a_model_that_is_none_is_refused(inside, command, model):
    one_line(gradus(command, model, *(() if command == "complete" else ("text.txt",)), code=2), "expected ")


def test_long_lines_are_scored_with_fewer_side_by_side(inside, monkeypatch):
    """64 lines of 3000 tokens would need 64 * 3000 * H * 8 bytes; 21 such lines fit into 2**16 tokens."""
    (inside / "long.txt").write_text("a b c " * 1000 + "\n" + "b\n" * 100)
    monkeypatch.setattr("gradus.evaluation.neural.free_memory", lambda device: 8 * 4 * 2**16)
    for model in ("lstm", "ngram"):
        scores = dict(line.split(": ") for line in gradus("score", model, "long.txt").stdout.splitlines())
        assert scores["tokens"] == "3201" and 1 < float(scores["perplexity"]) < 100
    (inside / "longer.txt").write_text("a b c " * 30000 + "\n")
    one_line(gradus("score", "lstm", "longer.txt", code=2), "tokens of a line or window: expected")


def test_scores_that_are_no_probabilities_have_no_perplexity_line_by_line(inside):
    rows = [line.split("\t") for line in gradus("score", "stupid", "text.txt", "--by-line").stdout.splitlines()]
    assert rows[0][3] == "perplexity" and {tuple(row[3:5]) for row in rows[1:]} == {("-", "-")}


def test_a_line_s_perplexity_is_a_number_or_says_that_it_is_infinite():
    """Score two lines of one word and EOS (3) each: 4 is a known word, 1 is UNK."""
    import numpy as np

    ids = np.array([4, 3, 1, 3])

    def rows_of(*nats: float) -> list[str]:
        return line_rows(ScoredBlock("w\nx\n", ids, np.array(nats), normalised=True))

    rows = rows_of(math.inf, 1.0, 40.0, 4.0)
    assert rows == ["inf\t2\t0\tinf\tinf\tw", f"44.0000\t2\t1\t{math.exp(22):.2f}\t{math.exp(4):.2f}\tx"]
    assert rows_of(0.0, -1e-9, 60.0, 60.0) == [
        *("-0.0000\t2\t0\t1.00\t1.00\tw", f"120.0000\t2\t1\t{math.exp(60):.2e}\t{math.exp(60):.2e}\tx")
    ]
    with pytest.raises(RunError, match="too large to compute a perplexity"):
        rows_of(1.0, 1.0, 2000.0, 1.0)
