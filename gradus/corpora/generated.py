"""Sample the built-in corpus from its grammar, and compute its exact entropy floors (lowest expected losses)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradus.corpora.builtin.grammar import Grammar, Language, load_grammar
from gradus.corpora.builtin.inside import floors
from gradus.corpora.builtin.sampling import BuiltinConfig, sample_pairs
from gradus.corpora.files import SPLITS
from gradus.corpora.splits import Columns, Corpus
from gradus.errors import InputError
from gradus.progress import Track, silent

_CITATION = "gradus, its synchronous grammar of English and German (gradus/corpora/builtin)"


def generate(config: BuiltinConfig, languages: Sequence[Language], track: Track = silent) -> Corpus:
    """Sample the three splits; for one language, also compute the floors (lowest losses) of validation and test text.

    The seed yields six independent random streams, one per split: three for language models and three for translation
    models. A stream determines the topics and the sentences of one split.

    Args:
        config: the seed, the number of topics, their persistence, and the number of lines in each split.
        languages: one language for language models; source and target language for translation.
        track: reports the progress, one step per split.
    """
    grammar = load_grammar(config.topics)
    # All six streams are spawned, so that each corpus stays the same if the other one changes.
    streams = np.random.SeedSequence(config.seed).spawn(2 * len(SPLITS))
    streams = streams[: len(SPLITS)] if len(languages) == 1 else streams[len(SPLITS) :]
    n_lines = (config.train_lines, config.valid_lines, config.test_lines)
    splits: dict[str, Columns] = {}
    for split, n, stream in track(list(zip(SPLITS, n_lines, streams, strict=True)), "sample text"):
        splits[split] = _sample(grammar, n, languages, config.persistence, np.random.default_rng(stream))
    corpus = Corpus(splits, "free: made by gradus", _CITATION)
    if len(languages) > 1:
        return corpus
    entropy_floors = {
        split: floors(grammar, corpus.splits[split][0], language=languages[0], persistence=config.persistence)
        for split in track(("valid", "test"), "compute entropy floors")
    }
    return replace(corpus, floors=entropy_floors)


def require_language(language: str, where: str) -> Language:
    """Return `language` if the grammar has this language.

    Args:
        language: a value from params.yaml.
        where: name of the parameter, for errors.
    Raises:
        InputError: if the grammar lacks the language.
    """
    if language not in ("en", "de"):
        raise InputError(
            where, expected="a language of the grammar (en, de)", found=repr(language), remedy="choose en or de"
        )
    return "en" if language == "en" else "de"


def _sample(
    grammar: Grammar, n_lines: int, languages: Sequence[Language], persistence: float, rng: np.random.Generator
) -> Columns:
    pairs = sample_pairs(grammar, n_lines, persistence=persistence, rng=rng)
    sides = {"en": [pair.english for pair in pairs], "de": [pair.german for pair in pairs]}
    return tuple(sides[language] for language in languages)
