"""Compute the probability of generated lines under the grammar of the built-in corpus."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from gradus.evaluation.language_models.corpus import LanguageModelCorpus
from gradus.evaluation.language_models.generation import GrammarNats
from gradus.params import read_params


def grammar_nats(corpus: LanguageModelCorpus, params: Path) -> GrammarNats | None:
    """Return a function that computes the negative log-probability of a line; None if the corpus has no grammar."""
    if corpus.name != "builtin":
        return None
    # These modules are imported only here, because only the built-in corpus has a grammar.
    from gradus.corpora.builtin.grammar import load_grammar
    from gradus.corpora.builtin.inside import line_nats
    from gradus.corpora.builtin.sampling import BuiltinConfig
    from gradus.corpora.generated import require_language

    grammar = load_grammar(read_params(params, "builtin", BuiltinConfig).topics)
    language = require_language(corpus.language, "source.json: language")

    @cache  # greedy decoding writes the same lines again and again
    def nats_of(line: str) -> float | None:
        return line_nats(grammar, line, language=language)

    def nats(line: Sequence[int]) -> float | None:
        return nats_of(corpus.tokenizer.decode(line))

    return nats
