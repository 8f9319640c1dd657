"""Lines of the test text whose token probabilities the report shows."""

import math

import numpy as np

from gradus.evaluation.language_models import examples
from gradus.evaluation.language_models.examples import example_lines
from gradus.evaluation.language_models.text_score import ScoredText
from gradus.text.special import EOS_ID
from gradus.text.tokenizers.config import WordConfig
from gradus.text.tokenizers.tokenizer import train_tokenizer

WORDS = WordConfig(kind="word", min_count=1)


def scored_text(tokenizer, lines):
    ids = [[*tokenizer.encode(line), EOS_ID] for line in lines]
    starts = np.cumsum([0, *map(len, ids)])
    return ScoredText("test", np.concatenate(ids), starts, None, None)


def test_lines_of_median_length_get_a_probability_per_piece():
    tokenizer = train_tokenizer(WORDS, ["a b c"])
    text = scored_text(tokenizer, ["a", "a b", "b c", "a b c"])  # lengths with EOS: 2, 3, 3, 4; the median is 3
    nats = np.array([9, 9, *[0.0, math.log(2), math.inf], *[math.log(4), math.log(3), -1e-17], 9, 9, 9, 9])
    first, second = example_lines(nats, text, tokenizer)
    assert [first.pieces, second.pieces] == [["a", "b", "</s>"], ["b", "c", "</s>"]]
    assert [first.probabilities, second.probabilities] == [[1.0, 0.5, 0.0], [0.25, 0.3333, 1.0]]


def test_few_lines_are_kept_and_long_ones_are_cut(monkeypatch):
    monkeypatch.setattr(examples, "LONGEST", 4)
    tokenizer = train_tokenizer(WORDS, ["a"])
    text = scored_text(tokenizer, ["a a a a a a"] * 30)
    found = example_lines(np.ones(len(text.ids)), text, tokenizer)
    assert len(found) == examples.EXAMPLES and {len(line.pieces) for line in found} == {4}
