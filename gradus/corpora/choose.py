"""Choose a corpus and its languages, as a section `acquire` of params.yaml, and check that they are there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gradus.corpora.acquire import LMSource, MTSource
from gradus.corpora.files import Log
from gradus.corpora.known import known_corpora
from gradus.corpora.own import read_own
from gradus.errors import InputError
from gradus.params import validated


@dataclass(frozen=True)
class CorpusChoice:
    """A corpus that the user names, and its languages."""

    corpus: str
    asked: Mapping[str, str]
    """Dict from `language`, `src` and `tgt` to a language; empty text if the user asks for none."""
    own: Path
    """Folder of the user's corpora, with one subfolder per corpus."""
    languages: tuple[str, ...]
    """Languages of the corpus; empty for a folder of own text, whose language gradus cannot know."""

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
        language = self.asked[key] or (known[0] if len(known) == 1 else usual)
        if known and language not in known:
            expected = f"a language of {self.corpus} ({', '.join(known)})"
            raise InputError(f"--{key}", expected=expected, found=repr(language), remedy="choose another language")
        return language

    def check_text(self, source: LMSource | MTSource, log: Log) -> None:
        """Read the user's own text as a run reads it, and log the number of lines; do nothing for another corpus.

        Raises:
            InputError: if a file is missing or malformed.
        """
        if not self.languages:
            folder = self.own / self.corpus
            splits = read_own(folder, source.suffixes, log).splits
            log(f"{folder}: {', '.join(f'{split} {len(lines[0])} lines' for split, lines in splits.items())}")


def choose_corpus(corpus: str, asked: Mapping[str, str], own: Path, registry: Path) -> CorpusChoice:
    """Return the choice of a corpus.

    Args:
        corpus: name of the corpus.
        asked: see `CorpusChoice`.
        own: see `CorpusChoice`.
        registry: the user's registry; it may be missing.
    Raises:
        InputError: if no corpus has this name, or two have it.
    """
    known = known_corpora(registry, own)
    found = [other for other in known if other.name == corpus]
    if len(found) > 1:  # a run refuses it too
        expected = "a folder name that no other corpus has"
        raise InputError(own / corpus, expected=expected, found=repr(corpus), remedy="rename the folder")
    if not found:
        expected = ", ".join(other.name for other in known)
        remedy = f"correct the name, put text into {own / corpus}, or use gradus corpus add"
        raise InputError("--corpus", expected=expected, found=repr(corpus), remedy=remedy)
    return CorpusChoice(corpus, asked, own, found[0].languages)
