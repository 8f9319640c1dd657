"""What text was asked for, and where it is found: the built-in grammar, the registry, the user's folder."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.corpora.builtin.sampling import BuiltinConfig
from gradus.corpora.files import Log
from gradus.corpora.generated import generate, spoken
from gradus.corpora.own import read_own
from gradus.corpora.registry import REGISTRY, corpus_names, read_public
from gradus.corpora.splits import Corpus
from gradus.errors import InputError
from gradus.params import STRICT, read_params
from gradus.progress import Track, silent

Name = Annotated[str, Field(pattern=r"^\w[\w.-]*$")]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LMSource:
    """Section `acquire.lm`: the corpus of the language models and its language."""

    corpus: Name
    language: Name
    section: ClassVar = "acquire.lm"

    @property
    def languages(self) -> tuple[str, ...]:
        """The language of each column."""
        return (self.language,)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The file name's end of each column."""
        return ("txt",)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MTSource:
    """Section `acquire.mt`: the corpus of the translation models and its direction."""

    corpus: Name
    src: Name
    tgt: Name
    section: ClassVar = "acquire.mt"

    def __post_init__(self) -> None:
        if self.src == self.tgt:
            raise ValueError("two languages for src and tgt")

    @property
    def languages(self) -> tuple[str, ...]:
        """The language of each column."""
        return (self.src, self.tgt)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The file name's end of each column."""
        return ("src", "tgt")


def read_source(params: Path, track: Literal["lm", "mt"]) -> LMSource | MTSource:
    """Read `acquire.lm` or `acquire.mt`, and refuse what `read_params` refuses."""
    if track == "lm":
        return read_params(params, LMSource.section, LMSource)
    return read_params(params, MTSource.section, MTSource)


def acquire(
    source: LMSource | MTSource, params: Path, own: Path, *, log: Log, track: Track = silent, registry: Path = REGISTRY
) -> Corpus:
    """Find the corpus by its name.

    Args:
        source: which corpus, and its language or direction.
        params: the parameter file, of which the built-in corpus needs `builtin`.
        own: the folder of the user's corpora.
        log: told of downloads, terms, and what is odd but accepted.
        track: shows the progress of sampling.
        registry: of the public corpora.
    Raises:
        InputError: if nobody knows the corpus, two do, or its text is malformed.
        RunError: if it must be downloaded and cannot.
    """
    public, folder, where = corpus_names(registry), own / source.corpus, f"{params}: {source.section}"
    if source.corpus in ("builtin", *public) and folder.is_dir():
        raise InputError(
            folder, expected="a name of its own", found="that of a known corpus", remedy="rename the folder"
        )
    if source.corpus == "builtin":
        languages = [spoken(language, where) for language in source.languages]
        return generate(read_params(params, "builtin", BuiltinConfig), languages, track)
    if source.corpus in public:
        return read_public(source.corpus, source.languages, log, registry, where)
    if folder.is_dir():
        return read_own(folder, source.suffixes, log)
    raise InputError(
        f"{where}.corpus",
        expected=f"builtin, {', '.join(public)}, or a folder in {own}",
        found=repr(source.corpus),
        remedy=f"correct the name or make {folder}",
    )
