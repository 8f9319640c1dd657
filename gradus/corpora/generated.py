"""The built-in corpus: text sampled from the project's own grammar, with its exact floors."""

import numpy as np

from gradus.corpora.builtin.grammar import Grammar, load_grammar
from gradus.corpora.builtin.inside import floors
from gradus.corpora.builtin.sampling import BuiltinConfig, sample_pairs
from gradus.corpora.files import SPLITS
from gradus.corpora.splits import Columns, Corpus
from gradus.errors import InputError

LANGUAGES = ("en", "de")
_CITATION = "gradus, its synchronous grammar of English and German (gradus/corpora/builtin)"


def generate(config: BuiltinConfig, languages: tuple[str, ...], seed: int) -> Corpus:
    """Sample three splits, each a chain of topics of its own; compute floors where there is one language.

    The seed's sequence is spawned into six streams: training, validation and test text of the language-model
    track, then the same of the translation track. The tracks are thus independent samples of one source.

    Args:
        config: topics, their persistence and the lines of each split.
        languages: one language for a language model; source and target for translation.
        seed: of all text.
    Raises:
        InputError: for a language that the grammar does not speak.
    """
    for language in languages:
        if language not in LANGUAGES:
            raise InputError("acquire: builtin", expected="en or de", found=repr(language), remedy="choose one")
    grammar = load_grammar(config.topics)
    streams = np.random.SeedSequence(seed).spawn(2 * len(SPLITS))
    streams = streams[: len(SPLITS)] if len(languages) == 1 else streams[len(SPLITS) :]
    n_lines = (config.train_lines, config.valid_lines, config.test_lines)
    splits: dict[str, Columns] = {}
    for split, n, stream in zip(SPLITS, n_lines, streams, strict=True):
        splits[split] = _sample(grammar, n, languages, config.persistence, np.random.default_rng(stream))
    corpus = Corpus(splits, "free: made by gradus", _CITATION)
    return corpus if len(languages) > 1 else _with_floors(corpus, grammar, languages[0], config.persistence)


def _sample(
    grammar: Grammar, n_lines: int, languages: tuple[str, ...], persistence: float, rng: np.random.Generator
) -> Columns:
    pairs = sample_pairs(grammar, n_lines, persistence=persistence, rng=rng)
    sides = {"en": [pair.english for pair in pairs], "de": [pair.german for pair in pairs]}
    return tuple(sides[language] for language in languages)


def _with_floors(corpus: Corpus, grammar: Grammar, language: str, persistence: float) -> Corpus:
    known = {
        split: floors(grammar, corpus.splits[split][0], language=language, persistence=persistence)
        for split in ("valid", "test")
    }
    return Corpus(corpus.splits, corpus.terms, corpus.citation, known)
