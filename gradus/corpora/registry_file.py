"""Write the user's registry of corpora; comments and other entries of the file stay as they are."""

from collections.abc import Callable
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from gradus.artifacts.places import new_file, write_text
from gradus.corpora.entry import Entry
from gradus.corpora.registry import corpus_names, read_entry
from gradus.errors import InputError
from gradus.yaml_files import read_yaml

_HEADER = "# Your own corpora. `gradus corpus add` writes this file; docs/corpora.md explains it.\n"


def write_entry(registry: Path, name: str, entry: Entry) -> None:
    """Add an entry to a registry; create the file if it is missing.

    Raises:
        InputError: if the registry is malformed, has the name already, or would become too large to be read.
    """

    def add(corpora: Any) -> None:
        corpora[name] = _block(entry)
        corpora.fa.set_block_style()

    _change(registry, add, check=lambda path: read_entry(name, path))


def remove_entry(registry: Path, name: str) -> None:
    """Remove an entry from a registry.

    Raises:
        InputError: if the registry is malformed or lacks the name.
    """
    names = corpus_names(registry) if registry.exists() else []
    if name not in names:
        expected = f"a corpus in {registry} ({', '.join(names) or 'none yet'})"
        raise InputError("NAME", expected=expected, found=repr(name), remedy="see gradus corpus list")

    def remove(corpora: Any) -> None:
        del corpora[name]

    _change(registry, remove, check=corpus_names)


def _change(registry: Path, change: Callable[[Any], None], check: Callable[[Path], object]) -> None:
    """Replace a registry by a changed copy, after the copy is read and checked as every registry is."""
    if registry.exists():
        corpus_names(registry)  # refuses malformed and hostile files before the second parser reads the file
        text = registry.read_text(encoding="utf-8")
    else:
        text = f"{_HEADER}corpora: {{}}\n"
    yaml = YAML(typ="rt", pure=True)
    yaml.width, yaml.allow_unicode = 2**16, True  # one line per text, so that a change is one line of a diff
    values = yaml.load(text)
    change(values["corpora"])
    stream = StringIO()
    yaml.dump(values, stream)
    with new_file(registry, Path.is_file) as part:
        write_text(part, stream.getvalue())
        read_yaml(part)
        check(part)


def _block(entry: Entry) -> CommentedMap:
    """Return an entry as a mapping with one key per line; short values such as `{train: ...}` stay on one line."""
    values = asdict(entry)
    block = CommentedMap(values)
    block["languages"] = CommentedSeq(values["languages"])
    block["splits"] = CommentedMap(values["splits"])
    block["sources"] = CommentedMap({split: CommentedMap(source) for split, source in values["sources"].items()})
    for short in (block["languages"], block["splits"], *block["sources"].values()):
        short.fa.set_flow_style()
    return block
