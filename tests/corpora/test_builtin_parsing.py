import pytest
from builtin_cases import real_grammar
from targets import targets

from gradus.corpora.builtin.grammar import Language
from gradus.corpora.builtin.inside import line_nats

TRANSLATIONS = {
    "The man sleeps .": "Der Mann schläft .",
    "Today the man sees the dog .": "Heute sieht der Mann den Hund .",
    "The woman calls the dog .": "Die Frau ruft den Hund an .",
    "The man knows that the woman calls the dog .": "Der Mann weiß , dass die Frau den Hund anruft .",
    "The man helps a small child .": "Der Mann hilft einem kleinen Kind .",
    "A small child sees two small dogs .": "Ein kleines Kind sieht zwei kleine Hunde .",
    "The man has seen the child who sleeps .": "Der Mann hat das Kind , das schläft , gesehen .",
    "The men have gone to the market .": "Die Männer sind zum Markt gegangen .",
    "He wants to see the horse in the barn .": "Er will das Pferd im Stall sehen .",
    "When the man sleeps , the woman laughs .": "Wenn der Mann schläft , lacht die Frau .",
    "She gives the letter to the queen .": "Sie gibt der Königin den Brief .",
    "Why does the cat sleep ?": "Warum schläft die Katze ?",
    "The cat does not see the dog .": "Die Katze sieht den Hund nicht .",
    "The men whom the woman who helps the child sees sleep .": (
        "Die Männer , die die Frau , die dem Kind hilft , sieht , schlafen ."
    ),
    "The men who see the child sleep .": "Die Männer , die das Kind sehen , schlafen .",
    "The book which the man reads pleases the woman .": "Das Buch , das der Mann liest , gefällt der Frau .",
    "The king with whom the queens sing sleeps .": "Der König , mit dem die Königinnen singen , schläft .",
    "The girl whose dog sleeps laughs .": "Das Mädchen , dessen Hund schläft , lacht .",
}

WRONG: dict[str, tuple[Language, str]] = {
    "wrong gender of an article": ("de", "Die Mann schläft ."),
    "wrong gender of a relative pronoun": ("de", "Der Mann , die schläft , lacht ."),
    "wrong case after a dative verb": ("de", "Der Mann hilft den kleinen Kind ."),
    "nominative for an accusative object": ("de", "Die Frau sieht der Hund ."),
    "weak ending after ein": ("de", "Ein kleine Kind sieht die Frau ."),
    "strong ending after der": ("de", "Der kleiner Hund schläft ."),
    "agreement, German": ("de", "Die Männer schläft ."),
    "agreement across two relative clauses, German": (
        "de",
        "Die Männer , die die Frau , die dem Kind hilft , sieht , schläft .",
    ),
    "agreement": ("en", "The men sleeps ."),
    "agreement across a relative clause": ("en", "The men who see the child sleeps ."),
    "agreement inside a relative clause": ("en", "The men who sees the child sleep ."),
    "agreement across two relative clauses": ("en", "The men whom the woman who helps the child sees sleeps ."),
    "a thing with a personal pronoun": ("en", "The book who the man reads pleases the woman ."),
    "verb first in a main clause": ("de", "Schläft der Mann ."),
    "no inversion after an adverb": ("de", "Heute der Mann sieht den Hund ."),
    "inversion, English": ("en", "Today sees the man the dog ."),
    "verb second in a subordinate clause": ("de", "Der Mann weiß , dass die Frau ruft den Hund an ."),
    "participle before its object": ("de", "Der Mann hat gesehen den Hund ."),
    "prefix joined in a main clause": ("de", "Die Frau anruft den Hund ."),
    "prefix missing": ("de", "Die Frau ruft den Hund ."),
    "haben for sein": ("de", "Die Männer haben zum Markt gegangen ."),
    "relative clause left open": ("de", "Der Mann , der schläft lacht ."),
    "no capital at the start": ("en", "the man sleeps ."),
    "a capital inside": ("en", "The Man sleeps ."),
    "a noun without its capital": ("de", "Der mann schläft ."),
    "an unknown word": ("en", "The man levitates ."),
    "an unknown first word": ("en", "Levitate the man ."),
    "no full stop": ("en", "The man sleeps"),
    "words after the full stop": ("en", "The man sleeps . ."),
    "nothing": ("en", ""),
    "English taken for German": ("de", "The man sleeps ."),
}


@pytest.mark.parametrize(("english", "german"), TRANSLATIONS.items())
def test_the_grammar_translates(english: str, german: str) -> None:
    assert targets(real_grammar(), english.split(" ")) == {german}


@pytest.mark.parametrize(("english", "german"), TRANSLATIONS.items())
def test_both_sides_of_a_translation_are_grammatical(english: str, german: str) -> None:
    assert line_nats(real_grammar(), english, language="en") is not None
    assert line_nats(real_grammar(), german, language="de") is not None


@pytest.mark.parametrize("mistake", WRONG)
def test_the_parser_rejects(mistake: str) -> None:
    language, line = WRONG[mistake]
    assert line_nats(real_grammar(), line, language=language) is None


def test_an_empty_line_is_not_a_sentence() -> None:
    assert line_nats(real_grammar(), "", language="en") is None
    assert targets(real_grammar(), []) == frozenset()
