import re

import numpy as np
import pytest
from builtin_cases import LEXICON, RULES, SMALL_LEXICON, SMALL_RULES, real_grammar, small_grammar, table

from gradus.corpora.builtin.grammar import load_grammar, parse_grammar
from gradus.corpora.builtin.projection import project
from gradus.errors import InputError


def test_every_distribution_of_the_packaged_grammar_sums_to_one() -> None:
    grammar = real_grammar()
    for symbol, rules in grammar.rules.items():
        assert sum(rule.probability for rule in rules) == pytest.approx(1.0), symbol
    for symbol, words in grammar.words.items():
        np.testing.assert_allclose(np.sum([word.probabilities for word in words], axis=0), 1.0, err_msg=symbol)
    assert min(float(word.probabilities.min()) for words in grammar.words.values() for word in words) > 0.0


def test_the_packaged_grammar_has_many_rules() -> None:
    rows = [line for line in RULES.splitlines() if line and line[0] not in "#%"]
    assert len(rows) >= 60
    assert sum(map(len, real_grammar().rules.values())) > 3000  # after expansion of variables and depths


def test_the_topic_changes_the_choice_of_words_and_never_the_structure() -> None:
    one, many = load_grammar(1), load_grammar(12)
    assert one.rules == many.rules
    assert one.words.keys() == many.words.keys()
    nouns = np.array([word.probabilities for word in many.words["N.p.m.sg.nom"]])
    assert all(np.ptp(row) > 0.1 for row in nouns[-12:])  # the twelve themed nouns come after the general ones
    np.testing.assert_allclose(np.ptp([word.probabilities for word in many.words["V.c.inf"]], axis=1), 0.0)


def test_an_english_article_is_never_followed_by_a_vowel() -> None:
    grammar = real_grammar()
    after_a = {
        word.english
        for symbol, words in grammar.words.items()
        if re.match(r"A\.|N\.\w\.\w\.sg", symbol)
        for word in words
    }
    assert "small" in after_a
    assert not [word for word in after_a if word[0] in "aeiou"]


def test_weights_become_probabilities_and_the_deepest_level_has_no_deeper_rule() -> None:
    grammar = small_grammar()
    assert [rule.probability for rule in grammar.rules["S@0"]] == [3 / 6, 2 / 6, 1 / 6]
    assert [rule.probability for rule in grammar.rules["S@1"]] == [3 / 5, 2 / 5]
    # N under topic 0 (land): dogs 3, fish 1; under topic 1 (sea): dogs 1, fish 2
    dogs, fish = grammar.words["N"]
    np.testing.assert_allclose(dogs.probabilities, [3 / 4, 1 / 3])
    np.testing.assert_allclose(fish.probabilities, [1 / 4, 2 / 3])


def test_with_fewer_topics_than_themes_a_topic_has_several_themes() -> None:
    dogs, fish = small_grammar(topics=1).words["N"]
    assert dogs.probabilities[0] == 3 / 5  # home weights: dogs 3, fish 2
    assert fish.probabilities[0] == 2 / 5


def test_variables_are_expanded_and_those_missing_in_the_parent_share_the_weight() -> None:
    rules = table("""
        %start  S
        %depth  0
        %values  n  sg pl
        S  4 1  NP.$n  NP.$n
        S  1  "yes"  "ja"
        NP.$n  1  N.$n  N.$n
    """)
    lexicon = table("""
        %themes  all
        %paradigm  N  sg=1/1 pl=2/2
        N  -  1  -  dog dogs  Hund Hunde
    """)
    grammar = parse_grammar(rules, lexicon, topics=1)
    assert {rule.children: rule.probability for rule in grammar.rules["S@0"]} == {
        ("NP.sg@0",): 2 / 5,
        ("NP.pl@0",): 2 / 5,
        (): 1 / 5,
    }
    assert grammar.words["N.pl"][0].german == "Hunde"


def test_projection_merges_symbols_that_are_equal_in_one_language() -> None:
    grammar = real_grammar()
    english, german = project(grammar, "en"), project(grammar, "de")
    assert len(english.trees) < len(german.trees) < len(grammar.order)  # English has no gender and hardly any case


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("S  3  N V  N V", "S  3  N V", "expected 4 cells, separated by tabs"),
        ("S  3  N V  N V", "S  no  N V  N V", "expected a positive number, found 'no'"),
        ("S  3  N V  N V", "S  0  N V  N V", "expected a positive number"),
        ("S  3  N V  N V", "S  3  N V  N W", "expected the same symbols on both sides"),
        ("S  3  N V  N V", "S  3  N N  N N", "expected children with the same name, each with a number (#1, #2)"),
        ("S  3  N V  N V", "S  3  N X  N X", "expected a symbol with rules or words, found X"),
        ("S  3  N V  N V", "S  3  N $q  N $q", "expected a variable with a row %values, found $q"),
        ("S  3  N V  N V", "N  3  V  V", "expected a parent symbol that is not in the lexicon"),
        ("S'", "S", "expected symbols that do not contain themselves, found S@0 -> S@0"),
        ("%depth  1", "%depth  x", "expected a depth from 0 to"),
        ("%depth  1", "%deep  1", "expected one %depth row, found 0"),
        ("%start  S", "%start  T", "expected rules for the start symbol"),
    ],
)
def test_a_wrong_rule_is_refused(old: str, new: str, message: str) -> None:
    rules = SMALL_RULES.replace(table(old), table(new))
    assert rules != SMALL_RULES
    with pytest.raises(InputError, match=re.escape(message)):
        parse_grammar(rules, SMALL_LEXICON, topics=2)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("N  land", "N  moon", "expected one of the themes land, sea, found moon"),
        ("dogs  Hunde", "dogs  Hunde Hunden", "expected 1 English and 1 German forms, found 1 and 2"),
        ("%themes  land sea", "%paradigm  N  sg=1", "expected one %themes row"),
        ("N  sea  1  2", "N  sea  1  -", "expected a positive number, found '-'"),
    ],
)
def test_a_wrong_word_is_refused(old: str, new: str, message: str) -> None:
    lexicon = SMALL_LEXICON.replace(table(old), table(new))
    assert lexicon != SMALL_LEXICON
    with pytest.raises(InputError, match=re.escape(message)):
        parse_grammar(SMALL_RULES, lexicon, topics=2)


@pytest.mark.parametrize("topics", [0, 13])
def test_no_topics_or_more_topics_than_themes_are_refused(topics: int) -> None:
    assert "%themes" in LEXICON
    with pytest.raises(InputError, match=f"expected 1 to 12 topics, found {topics}"):
        load_grammar(topics)


def test_first_words_that_differ_only_in_the_case_of_a_letter_are_refused() -> None:
    grammar = parse_grammar(SMALL_RULES, SMALL_LEXICON.replace("dogs", "Fish"), topics=2)
    with pytest.raises(InputError, match="still different if both have a capital letter"):
        project(grammar, "en")
