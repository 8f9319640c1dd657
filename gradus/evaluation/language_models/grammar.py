"""Test generated lines with the grammar of the built-in corpus."""

from collections.abc import Sequence
from pathlib import Path

from gradus.evaluation.language_models.corpus import LanguageModelCorpus
from gradus.evaluation.language_models.generation import IsGrammatical
from gradus.params import read_params


def grammar_test(corpus: LanguageModelCorpus, params: Path) -> IsGrammatical | None:
    """Return a function that tests whether a line is grammatical; None if the corpus has no grammar."""
    if corpus.name != "builtin":
        return None
    # These modules are imported only here, because only the built-in corpus has a grammar.
    from gradus.corpora.builtin.grammar import load_grammar
    from gradus.corpora.builtin.parsing import is_grammatical
    from gradus.corpora.builtin.sampling import BuiltinConfig
    from gradus.corpora.generated import require_language

    grammar = load_grammar(read_params(params, "builtin", BuiltinConfig).topics)
    language = require_language(corpus.language, "source.json: language")

    def is_sentence(line: Sequence[int]) -> bool:
        return is_grammatical(grammar, corpus.tokenizer.decode(line).split(" "), language=language)

    return is_sentence
