from dataclasses import replace

import numpy as np
import pytest

from gradus.corpora.builtin.grammar import load_grammar
from gradus.corpora.builtin.inside import floors
from gradus.corpora.builtin.sampling import BuiltinConfig
from gradus.corpora.generated import generate, require_language
from gradus.errors import InputError

SMALL = BuiltinConfig(seed=1, topics=2, persistence=0.9, train_lines=30, valid_lines=20, test_lines=10)


def test_each_split_has_its_number_of_lines_and_its_own_topic_chain() -> None:
    splits = generate(SMALL, ["en"]).splits
    assert [len(lines) for (lines,) in splits.values()] == [30, 20, 10]
    assert splits["train"][0][:10] != splits["valid"][0][:10] != splits["test"][0]


def test_tracks_are_independent_samples_and_equal_seeds_give_equal_text() -> None:
    pairs = generate(SMALL, ["en", "de"])
    assert pairs.splits["train"][0] != generate(SMALL, ["en"]).splits["train"][0]
    assert pairs == generate(SMALL, ["en", "de"])
    assert pairs.splits["test"] != generate(replace(SMALL, seed=2), ["en", "de"]).splits["test"]


def test_the_direction_sets_the_order_of_the_columns() -> None:
    forth, back = (generate(SMALL, direction).splits["train"] for direction in (["en", "de"], ["de", "en"]))
    assert forth == back[::-1]
    assert forth[0] != forth[1]


def test_validation_and_test_text_have_floors_and_training_text_has_none() -> None:
    corpus = generate(SMALL, ["en"])
    assert set(corpus.floors) == {"valid", "test"}
    (lines,) = corpus.splits["test"]
    expected = floors(load_grammar(2), lines, language="en", persistence=0.9)
    np.testing.assert_array_equal(corpus.floors["test"].line_nats, expected.line_nats)
    assert corpus.floors["test"].stream_nats == expected.stream_nats
    assert generate(SMALL, ["en", "de"]).floors == {}


def test_a_language_that_the_grammar_lacks_is_refused() -> None:
    with pytest.raises(InputError, match=r"here: expected a language of the grammar \(en, de\), found 'fr'"):
        require_language("fr", "here")
