"""Read the section `acquire` of params.yaml, and obtain the corpus that the section names."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.corpora.builtin.sampling import BuiltinConfig
from gradus.corpora.files import Log
from gradus.corpora.generated import generate, require_language
from gradus.corpora.own import read_own
from gradus.corpora.registry import REGISTRY, corpus_names, read_public
from gradus.corpora.splits import Corpus
from gradus.errors import InputError
from gradus.params import STRICT, read_params
from gradus.progress import Track, silent

Name = Annotated[str, Field(pattern=r"^\w[\w.-]*$")]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LMSource:
    """Section `acquire.lm`: the corpus for the language models, and the language of this corpus."""

    corpus: Name
    language: Name
    section: ClassVar = "acquire.lm"  # not a field, because params.yaml and `source.json` do not have it

    @property
    def languages(self) -> tuple[str, ...]:
        """Language of each text file in a split, in the order of `suffixes`."""
        return (self.language,)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name suffix of each text file in a split, without the dot."""
        return ("txt",)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MTSource:
    """Section `acquire.mt`: the corpus for the translation models, the source language and the target language."""

    corpus: Name
    src: Name
    tgt: Name
    section: ClassVar = "acquire.mt"

    def __post_init__(self) -> None:
        if self.src == self.tgt:
            raise ValueError("two different languages for src and tgt")

    @property
    def languages(self) -> tuple[str, ...]:
        """Language of each text file in a split, in the order of `suffixes`."""
        return (self.src, self.tgt)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name suffix of each text file in a split, without the dot."""
        return ("src", "tgt")


def read_source(params: Path, track: Literal["lm", "mt"]) -> LMSource | MTSource:
    """Read the section `acquire.lm` or `acquire.mt`.

    Raises:
        InputError: if the file or the section is missing, or a key is missing, unknown or out of range.
    """
    if track == "lm":
        return read_params(params, LMSource.section, LMSource)
    return read_params(params, MTSource.section, MTSource)


def acquire(
    source: LMSource | MTSource, params: Path, own: Path, *, log: Log, track: Track = silent, registry: Path = REGISTRY
) -> Corpus:
    """Return the corpus that a section names. Its text is sampled, downloaded, or read from a folder.

    Args:
        source: the section, with the name of the corpus and its languages.
        params: parameter file; its section `builtin` configures the built-in corpus.
        own: folder of the user's corpora, with one subfolder per corpus.
        log: called with messages about terms of use, downloads, and unusual text that is accepted.
        track: reports the progress of sampling.
        registry: YAML file of the public corpora.
    Raises:
        InputError: if no corpus has this name, if a folder in `own` has the name of the built-in or of a public corpus,
            or if the text is malformed.
        RunError: if a download fails.
    """
    public, folder, where = corpus_names(registry), own / source.corpus, f"{params}: {source.section}"
    # Refused rather than ranked: a silent choice between two corpora would surprise whoever guesses the other one.
    if source.corpus in ("builtin", *public) and folder.is_dir():
        raise InputError(
            folder,
            expected="a folder name that no built-in or public corpus has",
            found=repr(source.corpus),
            remedy="rename the folder",
        )
    if source.corpus == "builtin":
        languages = [require_language(language, where) for language in source.languages]
        return generate(read_params(params, "builtin", BuiltinConfig), languages, track)
    if source.corpus in public:
        return read_public(source.corpus, source.languages, log, registry, where)
    if folder.is_dir():
        return read_own(folder, source.suffixes, log)
    raise InputError(
        f"{where}.corpus",
        expected=f"builtin, {', '.join(public)}, or a folder in {own}",
        found=repr(source.corpus),
        remedy=f"correct the name, or put text into {folder}",
    )
