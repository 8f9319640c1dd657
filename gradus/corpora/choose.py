"""Choose a corpus and its languages, as a section `acquire` of params.yaml, and check that they are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from gradus.corpora.acquire import LMSource, MTSource
from gradus.corpora.builtin.grammar import Language
from gradus.corpora.files import Log
from gradus.corpora.own import read_own
from gradus.corpora.registry import corpus_names
from gradus.errors import InputError
from gradus.params import read_params, validated

_BUILTIN = "builtin"


@dataclass(frozen=True)
class CorpusChoice:
    """A corpus that the user names, and its languages."""

    corpus: str
    asked: Mapping[str, str]
    """Dict from `language`, `src` and `tgt` to a language; empty text if the user asks for none."""
    own: Path
    """Folder of the user's corpora, with one subfolder per corpus."""
    languages: tuple[str, ...] | None
    """Languages of the corpus; None for the user's own text."""

    def source(self, track: Literal["lm", "mt"], usual: Mapping[str, str]) -> LMSource | MTSource:
        """Return the section `acquire.lm` or `acquire.mt` for the corpus.

        A language that the user does not ask for is the only language of the corpus, or else that of params.yaml.

        Args:
            track: `lm` (language models) or `mt` (translation models).
            usual: the section in params.yaml.
        Raises:
            InputError: if the corpus lacks a language, or source and target language are the same.
        """
        keys = ("language",) if track == "lm" else ("src", "tgt")
        section = {"corpus": self.corpus, **{key: self._language(key, usual[key]) for key in keys}}
        where = f"acquire.{track}"
        return validated(section, where, LMSource) if track == "lm" else validated(section, where, MTSource)

    def _language(self, key: str, usual: str) -> str:
        known = self.languages
        language = self.asked[key] or (known[0] if known is not None and len(known) == 1 else usual)
        if known is not None and language not in known:
            expected = f"a language of {self.corpus} ({', '.join(known)})"
            raise InputError(f"--{key}", expected=expected, found=repr(language), remedy="choose another language")
        return language

    def check_text(self, source: LMSource | MTSource, log: Log) -> None:
        """Read the user's own text as a run reads it, and log the number of lines; do nothing for another corpus.

        Raises:
            InputError: if a file is missing or malformed.
        """
        if self.languages is None:
            folder = self.own / self.corpus
            splits = read_own(folder, source.suffixes, log).splits
            log(f"{folder}: {', '.join(f'{split} {len(lines[0])} lines' for split, lines in splits.items())}")


def choose_corpus(corpus: str, asked: Mapping[str, str], own: Path, registries: Sequence[Path]) -> CorpusChoice:
    """Return the choice of a corpus.

    Args:
        corpus: name of the corpus.
        asked: see `CorpusChoice`.
        own: see `CorpusChoice`.
        registries: YAML files that describe corpora; a missing file describes none.
    Raises:
        InputError: if no corpus has this name.
    """
    return CorpusChoice(corpus, asked, own, _languages_of(corpus, own, registries))


def _languages_of(name: str, own: Path, registries: Sequence[Path]) -> tuple[str, ...] | None:
    """Return the languages of a corpus; None for the user's own text, whose language gradus cannot know.

    Args:
        name: name of the corpus.
        own: folder of the user's corpora, with one subfolder per corpus.
        registries: YAML files that describe corpora; a missing file describes none.
    Raises:
        InputError: if no corpus has this name, or two have it.
    """
    known = {_BUILTIN: get_args(Language)}
    for registry in registries:
        for other in corpus_names(registry) if registry.exists() else ():
            known[other] = tuple(read_params(registry, f"corpora.{other}.languages", list[str]))
    folder = own / name
    if name in known and folder.is_dir():  # a run refuses it too
        expected = "a folder name that no built-in or public corpus has"
        raise InputError(folder, expected=expected, found=repr(name), remedy="rename the folder")
    if name in known:
        return known[name]
    if folder.is_dir():
        return None
    expected = f"{', '.join(known)}, or a folder in {own}"
    remedy = f"correct the name, or put text into {folder}"
    raise InputError("--corpus", expected=expected, found=repr(name), remedy=remedy)
