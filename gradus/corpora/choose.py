"""Choose a corpus and its languages, as a section `acquire` of params.yaml, and check that it is there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from gradus.corpora.acquire import LMSource, MTSource
from gradus.corpora.files import Log
from gradus.corpora.known import languages_of, require_corpus
from gradus.corpora.own import read_own
from gradus.errors import InputError
from gradus.params import validated


def choose_source(
    track: Literal["lm", "mt"], corpus: str, asked: Mapping[str, str], usual: Mapping[str, str], own: Path
) -> LMSource | MTSource:
    """Return the section `acquire.lm` or `acquire.mt` for a corpus.

    A language that is not asked for is the only language of the corpus, or else the language in params.yaml.

    Args:
        track: `lm` (language models) or `mt` (translation models).
        corpus: name of the corpus.
        asked: dict from `language`, `src` and `tgt` to a language; empty if it is not asked for.
        usual: the section in params.yaml.
        own: folder of the user's corpora, with one subfolder per corpus.
    Raises:
        InputError: if there is no such corpus, or the corpus lacks a language.
    """
    require_corpus(corpus, own, "--corpus")
    keys = ("language",) if track == "lm" else ("src", "tgt")
    section = {key: _language(key, corpus, asked[key], usual[key]) for key in keys}
    section["corpus"], where = corpus, f"acquire.{track}"
    return validated(section, where, LMSource) if track == "lm" else validated(section, where, MTSource)


def _language(key: str, corpus: str, asked: str, usual: str) -> str:
    known = languages_of(corpus)
    language = asked or (known[0] if known is not None and len(known) == 1 else usual)
    if known is not None and language not in known:
        expected = f"a language of {corpus} ({', '.join(known)})"
        raise InputError(f"--{key}", expected=expected, found=repr(language), remedy="choose another language")
    return language


def check_own_text(source: LMSource | MTSource, own: Path, log: Log) -> None:
    """Read the text of a corpus as a run does, if it is the user's own; do nothing for another corpus.

    Raises:
        InputError: if a file is missing or malformed.
    """
    if languages_of(source.corpus) is None:
        splits = read_own(own / source.corpus, source.suffixes, log).splits
        log(f"{own / source.corpus}: " + ", ".join(f"{split} {len(lines[0])} lines" for split, lines in splits.items()))
