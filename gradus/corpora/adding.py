"""Add a corpus of the user's own: fetch its text, check it, keep it, and record where it comes from."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gradus.artifacts.temporary import temporary_beside
from gradus.corpora.entry import Entry
from gradus.corpora.fetching import corpora_folder, sha256
from gradus.corpora.fields import LARGEST, Stated
from gradus.corpora.files import Log
from gradus.corpora.registry import own_names, require_unused
from gradus.corpora.registry_file import write_entry
from gradus.corpora.sources.copied import recorded
from gradus.corpora.sources.notation import Place, require_languages
from gradus.corpora.sources.source import NO_CITATION, Record, Unreachable
from gradus.corpora.splits import read_splits
from gradus.errors import InputError, RunError
from gradus.names import require_name
from gradus.params import validated


@dataclass(frozen=True, kw_only=True)
class Order:
    """A corpus to add."""

    name: str
    languages: Sequence[str]
    places: Mapping[str, Place]
    """Dict from each split to its source."""
    terms: str
    """Terms of use; if empty, those that the sources state."""
    citation: str
    """Publication to cite; if empty, what the sources state."""


@dataclass(frozen=True)
class Added:
    """A corpus that was added."""

    entry: Entry
    folder: Path
    lines: Mapping[str, int]
    """Dict from each of the three splits to its number of lines."""


def require_free_name(name: str, registry: Path, own: Path) -> None:
    """Refuse a name that is improper, or that another corpus has.

    Args:
        name: name of a new corpus.
        registry: the user's registry.
        own: folder of the user's corpora without an entry.
    """
    require_name(name, "NAME")
    require_unused([name], "NAME")
    if name in own_names(registry):
        remedy = f"choose another name, or first run gradus corpus remove {name}"
        raise InputError("NAME", expected=f"a name that is new in {registry}", found=repr(name), remedy=remedy)
    if (own / name).exists():
        remedy = "choose another name, or rename the folder"
        raise InputError("NAME", expected=f"a name that no folder in {own} has", found=repr(name), remedy=remedy)


def add_corpus(order: Order, registry: Path, log: Log) -> Added:
    """Fetch and check a corpus, keep its files in the folder of corpora, and add an entry to a registry.

    Args:
        order: the corpus; `require_free_name` has accepted its name.
        registry: YAML file to which the entry is added.
        log: called with messages about terms of use, downloads, and unusual text that is accepted.
    Raises:
        InputError: if there are no terms of use, if a source lacks a split or a language, or if the text is malformed.
        RunError: if a source cannot be reached, or has too much text.
    """
    order = _complete(order)
    log(f"terms of {order.name}: {order.terms}")
    root = corpora_folder().resolve()
    with temporary_beside(root / order.name) as new:
        new.mkdir()
        lines = _fetch(order, new, log)
        entry = _entry(order, new)
        folder = root / entry.folder
        folder.mkdir(exist_ok=True)
        for file in entry.files:
            (new / file).replace(folder / file)  # the folder's name has the checksums, so the content is the same
    write_entry(registry, order.name, entry)
    return Added(entry, folder, lines)


def _complete(order: Order) -> Order:
    """Pin the sources, and take missing terms and a missing citation from them."""
    require_languages(order.languages)
    places, records = {}, []
    for split, place in order.places.items():
        try:
            source = place.source.pinned(split, order.languages)
            records.append(Record("", "") if order.terms and order.citation else source.record())
        except Unreachable as error:
            raise _failed(place, order.languages[0], error) from None
        places[split] = replace(place, source=source)
    stated = [record.terms for record in records]
    if not (order.terms or all(stated)):
        remedy = 'add --terms TEXT, such as --terms "CC BY 4.0", or --terms "my own text"'
        expected = "the terms of use, which the source does not state"
        raise InputError("--terms", expected=expected, found="none", remedy=remedy)
    terms = validated(order.terms or _joined(stated), "--terms", Stated)
    citation = validated(order.citation or _joined([record.citation for record in records]), "--citation", Stated)
    return replace(order, places=places, terms=terms, citation=citation)


def _joined(texts: Sequence[str]) -> str:
    """Join what the sources state, on one printable line."""
    said = list(dict.fromkeys(" ".join(text.split()) for text in texts))
    text = "; ".join([text for text in said if text != NO_CITATION] or said)
    return "".join(filter(str.isprintable, text))[:1000]


def _fetch(order: Order, folder: Path, log: Log) -> dict[str, int]:
    """Write the files of all splits, and read them as the stage `acquire` will; return the numbers of lines."""
    origins: dict[Path, str] = {}
    files: dict[str, list[Path]] = {}
    for split, place in order.places.items():
        paths = {language: folder / place.file.replace("{language}", language) for language in order.languages}
        origins |= {path: place.source.origin(path.name, language) for language, path in paths.items()}
        try:
            place.source.write(paths, LARGEST, log)
        except Unreachable as error:
            raise _failed(place, order.languages[0], error) from None
        files[split] = list(paths.values())
    try:
        splits = read_splits(list(files), lambda split: files[split], lambda text: log(_renamed(text, origins)))
    except InputError as error:  # names the user's file, not its copy
        where = _renamed(error.where, origins)
        raise InputError(where, expected=error.expected, found=error.found, remedy=error.remedy) from None
    return {split: len(columns[0]) for split, columns in splits.items()}


def _renamed(text: str, origins: Mapping[Path, str]) -> str:
    for path, origin in origins.items():
        text = text.replace(str(path), origin)
    return text


def _failed(place: Place, language: str, error: Unreachable) -> RunError:
    return RunError(f"{place.source.origin(place.file, language)}: cannot be read ({error})")


def _entry(order: Order, folder: Path) -> Entry:
    """Describe the files in a folder. The name of the corpus folder depends on the content, so that two projects, or
    two versions of a project, can use one name for different texts.
    """
    files = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    content = "".join(f"{checksum}  {file}\n" for file, checksum in files.items())
    entry = {
        "folder": f"{order.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}",
        "terms": order.terms,
        "citation": order.citation,
        "largest": max(path.stat().st_size for path in folder.iterdir()),
        "languages": list(order.languages),
        "splits": {split: place.file for split, place in order.places.items()},
        "sources": {split: recorded(place.source).settings() for split, place in order.places.items()},
        "files": files,
    }
    return validated(entry, order.name, Entry)
