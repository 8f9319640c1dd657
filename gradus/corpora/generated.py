"""The built-in corpus: text sampled from the project's own grammar, with its exact floors."""

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
    """Sample three splits, each a chain of topics of its own; compute floors where there is one language.

    The sequence of `config.seed` is spawned into six streams: training, validation and test text of the language-model
    track, then the same of the translation track. The tracks are thus independent samples of one source.

    Args:
        config: seed, topics, their persistence and the lines of each split.
        languages: one language for a language model; source and target for translation.
        track: shows the progress, a step a split.
    """
    grammar = load_grammar(config.topics)
    streams = np.random.SeedSequence(config.seed).spawn(2 * len(SPLITS))
    streams = streams[: len(SPLITS)] if len(languages) == 1 else streams[len(SPLITS) :]
    n_lines = (config.train_lines, config.valid_lines, config.test_lines)
    splits: dict[str, Columns] = {}
    for split, n, stream in track(list(zip(SPLITS, n_lines, streams, strict=True)), "sample"):
        splits[split] = _sample(grammar, n, languages, config.persistence, np.random.default_rng(stream))
    corpus = Corpus(splits, "free: made by gradus", _CITATION)
    if len(languages) > 1:
        return corpus
    known = {
        split: floors(grammar, corpus.splits[split][0], language=languages[0], persistence=config.persistence)
        for split in track(("valid", "test"), "floors")
    }
    return replace(corpus, floors=known)


def spoken(language: str, where: str) -> Language:
    """Return the language if the grammar speaks it.

    Raises:
        InputError: at `where`, if it does not.
    """
    if language not in ("en", "de"):
        raise InputError(
            where, expected="a language of the grammar (en, de)", found=repr(language), remedy="choose one"
        )
    return "en" if language == "en" else "de"


def _sample(
    grammar: Grammar, n_lines: int, languages: Sequence[Language], persistence: float, rng: np.random.Generator
) -> Columns:
    pairs = sample_pairs(grammar, n_lines, persistence=persistence, rng=rng)
    sides = {"en": [pair.english for pair in pairs], "de": [pair.german for pair in pairs]}
    return tuple(sides[language] for language in languages)
