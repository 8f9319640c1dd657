"""What is said of a model's scores of a text, with and without a known source."""

import math

import numpy as np
import pytest

from gradus.artifacts.arrays import write_array
from gradus.artifacts.json_files import write_json
from gradus.errors import InputError, RunError
from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.evaluation.cross_entropy import tally
from gradus.evaluation.generation import reference_metrics, text_metrics
from gradus.evaluation.scorecard import floor_cards, interval_card, read_text, scorecard, unnormalised_card

STARTS = np.array([0, 3, 5])
BOOTSTRAP = BootstrapConfig(resamples=100, block=1, confidence=0.95)


@pytest.fixture
def text(tmp_path):
    """Two lines of 3 and 2 tokens, 20 characters, whose source costs 6 + 4 nats line by line and 9 as a stream."""

    for name in ("tokens", "raw"):
        (tmp_path / name).mkdir()

    def read(unk=0, lines=(6.0, 4.0)):
        counts = {"lines": 2, "tokens": 5, "characters": 20, "unk": unk}
        write_json(tmp_path / "tokens/manifest.json", {"splits": {"test": counts}})
        floors = {"lines": 2, "line_floor_nats": sum(lines), "stream_floor_nats": sum(lines) - 1}
        write_json(tmp_path / "raw/source.json", {"test": floors})
        write_array(tmp_path / "raw/test.floor.npy", np.array(lines))
        return read_text(tmp_path / "tokens", tmp_path / "raw", "test", STARTS)

    return read


def test_each_context_has_its_floor(text):
    """15 nats for 5 tokens: 5 nats above the line floor, 6 above the stream floor, 1 and 1.2 a token."""
    nats = np.full(5, 3.0)
    line, stream = (scorecard("m", nats, text(), context) for context in ("line", "stream"))
    assert (line["above_floor_nats"], line["above_floor_nats_per_token"]) == (5.0, 1.0)
    assert (stream["above_floor_nats"], stream["above_floor_nats_per_token"]) == (6.0, 1.2)
    assert line["perplexity"] == pytest.approx(math.exp(3))
    assert line["bits_per_char"] == pytest.approx(15 / (20 * math.log(2)))


def test_the_source_itself_is_scored_like_a_model(text):
    assert floor_cards(text())["line"]["perplexity"] == pytest.approx(math.exp(10 / 5))
    assert floor_cards(text())["stream"]["bits_per_char"] == pytest.approx(9 / (20 * math.log(2)))


def test_a_text_with_unknown_words_has_neither_floor_nor_bits_per_character(text):
    card = scorecard("m", np.zeros(5), text(unk=1), "line")  # and no leak: UNK is easier than the word
    assert "bits_per_char" not in card
    assert "above_floor_nats" not in card
    assert floor_cards(text(unk=1)) == {}


def test_a_leak_fails_whatever_the_context(text):
    for context in ("line", "stream"):
        with pytest.raises(RunError, match=rf"leak: m \({context}\)"):
            scorecard("m", np.full(5, 1.0), text(lines=(15.0, 15.0)), context)  # 5 nats are 24 below the stream floor


def test_a_probability_above_one_is_none(text):
    with pytest.raises(RunError, match="more than probability 1"):
        scorecard("m", np.array([5, 5, 5, 5, -0.1]), text(), "line")


def test_a_perplexity_that_cannot_be_written_down_is_none(text):
    with pytest.raises(RunError, match="800 nats per token"):
        scorecard("m", np.full(5, 800.0), text(), "line")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("tokens/manifest.json", {}),
        ("tokens/manifest.json", {"splits": {"test": {"lines": 2, "tokens": 6, "characters": 20, "unk": 0}}}),
        ("raw/source.json", {"test": {"line_floor_nats": 11.0, "stream_floor_nats": 9.0}}),
        ("raw/source.json", {"test": {"line_floor_nats": 10.0, "stream_floor_nats": "9"}}),
        ("raw/source.json", {}),
    ],
)
def test_counts_and_floors_of_another_text_are_refused(text, tmp_path, file, content):
    text()
    write_json(tmp_path / file, content)
    with pytest.raises(InputError, match=r"expected the (counts|floors) of test"):
        read_text(tmp_path / "tokens", tmp_path / "raw", "test", STARTS)


def test_interval_of_the_distance_to_the_line_floor(text):
    """Lines of 9 and 6 nats cost 3 and 2 more than their floors; per token 2 * 2 / 5 = 0.8 to 2 * 3 / 5 = 1.2."""
    card = interval_card(np.full(5, 3.0), text(), BOOTSTRAP, seed=1)
    assert card["above_floor_low"] == pytest.approx(0.8)
    assert card["above_floor_high"] == pytest.approx(1.2)
    assert interval_card(np.array([1, 1, 1, 1, math.inf]), text(), BOOTSTRAP, seed=1) == {}


def test_probability_zero_has_no_distance(text):
    card = scorecard("m", np.array([1, 1, 1, 1, math.inf]), text(), "line")
    assert card == {"tokens": 5, "zero_tokens": 1}


def test_scores_that_are_no_probabilities_have_no_perplexity():
    assert unnormalised_card(tally(np.full(4, 2.0))) == {"tokens": 4, "zero_tokens": 0, "mean_score_nats": 2.0}


def test_grammatical_lines_are_counted_among_whole_lines():
    """4 nats for 2 texts of 4 tokens: 0.5 a token. Of three lines two begin with 7."""
    texts = [[7, 8, 3, 7], [3, 7, 3, 9]]
    lines = [[7, 8], [], [7]]
    result = text_metrics(texts, [-1.0, -3.0], lines, lambda line: line[:1] == [7])
    assert result["nats_per_token"] == 0.5
    assert (result["lines"], result["grammatical_share"]) == (3, 2 / 3)
    assert "grammatical_share" not in text_metrics(texts, [-1.0, -3.0], lines)
    assert "grammatical_share" not in text_metrics(texts, [-1.0, -3.0], [], lambda line: True)


def test_natural_text_is_cut_to_the_length_of_generated_text():
    """Ten tokens make two pieces of four; 1 2 1 2 has two types in four, 3 4 5 6 four."""
    assert reference_metrics([1, 2, 1, 2, 3, 4, 5, 6, 7, 8], 4)["distinct_1"] == 6 / 8
    assert reference_metrics([1, 2], 4) == {}
