"""Scores of a text, with and without a known source; scores of generated texts."""

import math

import numpy as np
import pytest

from gradus.artifacts.arrays import write_array
from gradus.artifacts.json_files import write_json
from gradus.corpora.source import read_source_file
from gradus.decoding.records import Record
from gradus.errors import InputError, RunError
from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.evaluation.language_models.generation import score_generation, score_natural_text
from gradus.evaluation.language_models.text_score import (
    floor_scores,
    read_scored_text,
    score_lines,
    score_text,
    with_interval,
)
from gradus.results.language_model import NaturalText
from gradus.results.score import Score
from gradus.text.manifest import read_manifest
from gradus.text.special import EOS_ID

IDS = np.array([4, 5, EOS_ID, 4, EOS_ID])
TOKENIZER = {"tokenizer": {"kind": "word", "size": 6, "sha256": "ab"}}
COUNTS = {"lines": 2, "tokens": 5, "characters": 20, "unk": 0, "oov_rate": 0.0}
CORPUS = {"corpus": "two", "language": "en", "test_lines_seen_in_training": 0}
BOOTSTRAP = BootstrapConfig(resamples=100, block=1, confidence=0.95)


@pytest.fixture
def text(tmp_path):
    """Two lines of 3 and 2 tokens, 20 characters, whose source costs 6 + 4 nats line by line and 9 as a stream."""

    for name in ("tokens", "raw"):
        (tmp_path / name).mkdir()

    def read(unk=0, lines=(6.0, 4.0)):
        counts = COUNTS | {"unk": unk}
        write_json(tmp_path / "tokens/manifest.json", {**TOKENIZER, "splits": {"test": counts}})
        floors = {"lines": 2, "line_floor_nats": sum(lines), "stream_floor_nats": sum(lines) - 1}
        write_json(tmp_path / "raw/source.json", {**CORPUS, "test": floors})
        write_array(tmp_path / "raw/test.floor.npy", np.array(lines))
        return read_again(tmp_path)

    return read


def read_again(folder):
    manifest, source = read_manifest(folder / "tokens"), read_source_file(folder / "raw", "language")
    return read_scored_text(manifest, source, "test", IDS)


def test_each_context_has_its_floor(text):
    """15 nats for 5 tokens: 5 nats above the line floor, 6 above the stream floor, 1 and 1.2 a token."""
    nats = np.full(5, 3.0)
    line, stream = (score_text("m", nats, text(), context) for context in ("line", "stream"))
    assert (line.above_floor_nats, line.above_floor_nats_per_token) == (5.0, 1.0)
    assert (stream.above_floor_nats, stream.above_floor_nats_per_token) == (6.0, 1.2)
    assert line.perplexity == pytest.approx(math.exp(3))
    assert line.bits_per_char == pytest.approx(15 / (20 * math.log(2)))


def test_the_source_itself_is_scored_like_a_model(text):
    assert floor_scores(text())["line"].perplexity == pytest.approx(math.exp(10 / 5))
    assert floor_scores(text())["stream"].bits_per_char == pytest.approx(9 / (20 * math.log(2)))


def test_a_text_with_unknown_words_has_neither_floor_nor_bits_per_character(text):
    score = score_text("m", np.zeros(5), text(unk=1), "line")  # and no leak: UNK is easier than the word
    assert score.bits_per_char is None and score.above_floor_nats is None
    assert floor_scores(text(unk=1)) == {}


def test_a_leak_fails_whatever_the_context(text):
    for context in ("line", "stream"):
        with pytest.raises(RunError, match=rf"leak: m \({context}\)"):
            score_text("m", np.full(5, 1.0), text(lines=(15.0, 15.0)), context)  # 5 nats are 24 below the stream floor


def test_a_probability_above_one_is_none(text):
    with pytest.raises(RunError, match="which is above 1, to a token"):
        score_text("m", np.array([5, 5, 5, 5, -0.1]), text(), "line")


def test_a_perplexity_that_cannot_be_written_down_is_none(text):
    with pytest.raises(RunError, match="800 nats per token"):
        score_text("m", np.full(5, 800.0), text(), "line")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("tokens/manifest.json", TOKENIZER),
        ("tokens/manifest.json", {**TOKENIZER, "splits": {"test": COUNTS | {"tokens": 6}}}),
        ("tokens/manifest.json", {**TOKENIZER, "splits": {"test": COUNTS | {"characters": 1}}}),
        ("raw/source.json", {**CORPUS, "test": {"line_floor_nats": 11.0, "stream_floor_nats": 9.0}}),
        ("raw/source.json", CORPUS),
    ],
)
def test_counts_and_floors_of_another_text_are_refused(text, tmp_path, file, content):
    text()
    write_json(tmp_path / file, content)
    with pytest.raises(InputError, match=r"expected (the counts of|the floors of|a floor of the text) test"):
        read_again(tmp_path)


def test_interval_of_the_distance_to_the_line_floor(text):
    """Lines of 9 and 6 nats cost 3 and 2 more than their floors; per token 2 * 2 / 5 = 0.8 to 2 * 3 / 5 = 1.2."""

    def with_bounds(nats):
        scores = {"line": score_text("m", nats, text(), "line")}
        return with_interval(scores, {"line": nats}, text(), BOOTSTRAP, 1)["line"]

    score = with_bounds(np.full(5, 3.0))
    assert (score.above_floor_low, score.above_floor_high) == pytest.approx((0.8, 1.2))
    assert with_bounds(np.array([3.0, 3.0, 3.0, 3.0, math.inf])).above_floor_low is None


def test_probability_zero_has_no_distance(text):
    score = score_text("m", np.array([1, 1, 1, 1, math.inf]), text(), "line")
    assert score == Score(tokens=5, zero_tokens=1)


def test_scores_that_are_no_probabilities_may_be_below_the_floor(text):
    score = score_lines("m", np.full(5, 1.0), text(lines=(15.0, 15.0)), normalised=False)
    assert score == Score(tokens=5, zero_tokens=0, mean_score_nats=1.0)


def begins_with_7(line):
    """Accept lines that begin with 7, at 2 nats per token and 1 nat for EOS."""
    return 2.0 * len(line) + 1.0 if list(line[:1]) == [7] else None


def test_grammatical_lines_are_counted_among_complete_lines():
    """4 nats for 2 texts of 4 tokens: 0.5 a token. Of three lines two begin with 7: 5 + 3 nats for 3 + 2 tokens."""
    records = [Record("", [7, 8, EOS_ID, 7], -1.0, 0.0), Record("", [EOS_ID, 7, EOS_ID, 9], -3.0, 0.0)]
    score = score_generation(records, begins_with_7)
    assert score.nats_per_token == 0.5
    assert (score.lines, score.grammatical_share) == (3, 2 / 3)
    assert (score.grammar_nats_per_token, score.grammar_tokens) == (8 / 5, 5)


def test_a_corpus_without_grammar_or_text_without_lines_has_no_grammar_keys():
    record, unfinished = Record("", [7, EOS_ID], -1.0, 0.0), Record("", [7, 8], -1.0, 0.0)
    for score in (score_generation([record]), score_generation([unfinished], begins_with_7)):
        assert score.grammatical_share is None
        assert score.grammar_nats_per_token is None and score.grammar_tokens is None


def test_text_without_grammatical_lines_has_a_share_but_no_nats():
    score = score_generation([Record("", [8, EOS_ID], -1.0, 0.0)], begins_with_7)
    assert (score.grammatical_share, score.grammar_nats_per_token, score.grammar_tokens) == (0.0, None, None)


def test_a_probability_below_the_smallest_float_counts_as_grammatical_only():
    records = [Record("", [7, EOS_ID, 8, 8, EOS_ID], -1.0, 0.0)]
    score = score_generation(records, lambda line: 3.0 if len(line) == 1 else math.inf)
    assert (score.grammatical_share, score.grammar_nats_per_token, score.grammar_tokens) == (1.0, 1.5, 2)


def test_the_line_that_continues_a_prompt_is_not_counted():
    """The model wrote 8 EOS after the prompt 7, then the line 7 8 8."""
    record = Record("", [8, EOS_ID, 7, 8, 8, EOS_ID], -3.0, 0.0, prompt=[7])
    score = score_generation([record], begins_with_7)
    assert (score.tokens, score.nats_per_token) == (6, 0.5)
    assert (score.lines, score.grammar_nats_per_token, score.grammar_tokens) == (1, 7 / 4, 4)


def test_natural_text_is_cut_to_the_length_of_generated_text(text):
    """Five tokens make two pieces of two: 4 5 has two types in two, EOS 4 too. The grammar costs 10 nats for 5."""
    natural = score_natural_text(text(), 2)
    assert (natural.texts, natural.distinct_1, natural.grammar_nats_per_token) == (2, 1.0, 2.0)
    assert score_natural_text(text(), 4).distinct_1 == 3 / 4
    assert score_natural_text(text(unk=1), 4).grammar_nats_per_token is None
    assert score_natural_text(text(), 6) == NaturalText()
