"""Every English line has exactly one German translation."""

import numpy as np
import pytest
from builtin_cases import derivations, one_word_each, real_grammar, restrict, short_pairs, small_grammar
from targets import targets

from gradus.corpora.builtin.sampling import sample_pairs

# The grammar without these symbols keeps all constructions that could attach in two places: nouns of two genders,
# pronouns, `of`, `from` and adverbial phrases, coordinated verbs, complements, relative and adverbial clauses.
REMOVED = (
    r"AWEAK|AMIXED|ADJ|OTHER|NAME|MODAL|HAVE|BE\.|^S\.|^V\.[wegdm]\.|MANNER|DENIED|THING|DEFINITE|ASK|SFINAL|"
    r"HFINAL\.(inf|pp)|VFINAL|GOAL|TOTHE|FRONTPLACE|RG|\.pl\b|\.(p|t|l|the)\.n\.sg"
)


def test_targets_are_the_german_sides_of_all_derivations() -> None:
    grammar = small_grammar()
    expected: dict[str, set[str]] = {}
    for derivation in derivations(grammar, 0):
        expected.setdefault(derivation.english, set()).add(derivation.german)
    assert expected["Dogs fish"] == {"Hunde fischen", "Fischen Hunde"}
    for english, german in expected.items():
        assert targets(grammar, english.split(" ")) == german


@pytest.mark.parametrize(
    ("start", "longest"), [("ROOT@0", 6), ("HEAVY.p.sg.acc.mid@0", 6), ("OBJ.p.acc.end@0", 6), ("SUB@1", 5)]
)
def test_all_short_phrases_have_one_target_in_a_grammar_with_one_word_per_class(start: str, longest: int) -> None:
    pairs = short_pairs(restrict(one_word_each(also=("know",)), without="^$", start=start), longest)
    assert len(pairs) > 1000
    assert len({english for english, _ in pairs}) == len(pairs)


def test_all_short_sentences_with_constructions_that_could_attach_twice_have_one_target() -> None:
    pairs = short_pairs(restrict(one_word_each(also=("know",)), without=REMOVED), 12)
    sentence = "the man sees the woman of the man who laughs ."
    assert sentence.split(" ") in [list(english) for english, _ in pairs]
    assert len(pairs) > 20_000
    assert len({english for english, _ in pairs}) == len(pairs)


@pytest.mark.parametrize("name", ["real", "one word each"])
def test_sampled_lines_have_the_sampled_target_and_no_other(name: str) -> None:
    grammar = real_grammar() if name == "real" else one_word_each(also=("know",))
    for pair in sample_pairs(grammar, 600, persistence=0.9, rng=np.random.default_rng(1)):
        assert targets(grammar, pair.english.split(" ")) == {pair.german}
