"""The text of dvc.lock: whether it is whole, and what of a damaged one can be used.

DVC rewrites the file in place after every stage, so that a kill leaves its beginning only. Entries are taken as they
stand, byte for byte, each under the name of its stage; whether an entry is still true is for DVC to find out.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from gradus.artifacts.inputs import read_bytes
from gradus.errors import InputError

DEPTH = 50
"""Lists and mappings within each other at most; DVC writes about six, libyaml recurses until the stack ends."""
LARGEST = 1 << 26
"""Bytes at most; DVC writes about a thousand for every stage."""
SCHEMA = "schema: '2.0'\n"

_SECTIONS = {"schema", "stages", "datasets"}
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_BLOCK = re.compile(r"^(?=\S|  [^ \n])", flags=re.MULTILINE)
_STAGE = re.compile(r"  [^ \n]")
_MARK = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?: .*)?\n?")
_HASH = re.compile(r"[0-9a-f]{32}(\.dir)?")
_NO_TEXT = re.compile(
    r"(?i:~|null|true|false|)|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0[xo][0-9a-fA-F]+|[-+]?\.(?i:inf|nan)"
)
_TYPES = dict.fromkeys(("path", "hash", "md5", "etag", "checksum", "version_id"), str) | {
    "size": int, "nfiles": int, "isexec": bool, "cloud": dict, "dataset": dict, "files": list,
}  # fmt: skip


def fault_of(text: str) -> str | None:
    """Return what is wrong with the text of a lock file, or None if it is whole.

    A text that was cut exactly between two entries is whole by itself; see `is_cut`.
    """
    if any(map(_MARK.fullmatch, text.splitlines(keepends=True))):
        return "conflict markers of git"
    if not text.strip():
        return "an empty file"
    if "\ufffd" in text:
        return "bytes that are no UTF-8"
    if not text.endswith("\n"):
        return "a file that ends within a line"
    try:
        content = parse(text)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        return f"no YAML on line {mark.line + 1}" if mark else "no YAML"
    if not isinstance(content, dict) or content.get("schema") != "2.0" or content.keys() - _SECTIONS:
        return "no schema 2.0"
    stages = content.get("stages", {})
    broken = [name for name, entry in stages.items() if not _is_entry(entry)] if isinstance(stages, dict) else ["all"]
    return f"a broken entry ({broken[0]})" if broken else None


def read_lock(path: Path) -> str | None:
    """Read a lock file, damaged or not; None if there is none.

    Raises:
        InputError: if the system does not let it be read.
    """
    if not path.is_file():
        return None
    content = read_bytes(path, "the record of runs", "put a file there that can be read", most=LARGEST)
    return content.decode("utf-8", errors="replace")


def read_entries(path: Path) -> dict[str, dict[str, Any]]:
    """Read the entries of a lock file, by stage.

    Raises:
        InputError: if there is none, or it is damaged.
    """
    if (text := read_lock(path)) is None:
        raise InputError(path, expected="the record of a run", found="no file", remedy="run dvc repro")
    return entries_of(text, path)


def entries_of(text: str, path: Path) -> dict[str, dict[str, Any]]:
    """Return the entries of a lock file's text, by stage.

    Raises:
        InputError: at `path`, if it is damaged.
    """
    if fault := fault_of(text):
        raise damaged(path, fault)
    entries: dict[str, dict[str, Any]] = parse(text).get("stages", {})
    return entries


def damaged(path: Path, fault: str) -> InputError:
    """Return the error for a damaged lock file."""
    return InputError(path, expected="a whole record of runs", found=fault, remedy="mend it with: gradus mend")


def parse(text: str) -> Any:
    """Parse YAML into lists, mappings, text, integers, and None for what is neither.

    Raises:
        yaml.YAMLError: if it is no YAML.
        ValueError: if it is nested more than `DEPTH` deep, has a key twice, or is not one document.
    """
    stack: list[list[Any]] = [[]]
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append([])
            if len(stack) > DEPTH:
                raise ValueError("too deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            items = stack.pop()
            stack[-1].append(_mapping(items) if isinstance(event, yaml.MappingEndEvent) else items)
        elif isinstance(event, yaml.NodeEvent):
            stack[-1].append(_scalar(event))
    (document,) = stack[0]
    return document


def _scalar(event: Any) -> Any:
    """Return text as it is, an integer as such, and None for all else that is no text, aliases among it."""
    if isinstance(event, yaml.AliasEvent) or event.tag is not None:
        return None
    if event.style or not _NO_TEXT.fullmatch(event.value):
        return event.value
    if event.value.lower() in ("true", "false"):
        return event.value.lower() == "true"
    return int(event.value[:18]) if event.value.isdecimal() else None


def _mapping(items: list[Any]) -> dict[str, Any]:
    keys = items[::2]
    if not all(isinstance(key, str) for key in keys) or len(set(keys)) < len(keys):
        raise ValueError("a key twice, or one that is no text")
    return dict(zip(keys, items[1::2], strict=True))


def _is_entry(entry: Any) -> bool:
    """Say whether a stage's entry has the form that DVC writes."""
    if not isinstance(entry, dict) or entry.keys() - {"cmd", "deps", "params", "outs"}:
        return False
    files = [entry.get(kind, []) for kind in ("deps", "outs")]
    params = entry.get("params", {})
    return (
        isinstance(entry.get("cmd"), str | list)
        and all(isinstance(group, list) and all(map(_is_file, group)) for group in files)
        and isinstance(params, dict)
        and all(isinstance(values, dict) for values in params.values())
    )


def _is_file(item: Any) -> bool:
    """Say whether a dependency or an output has the keys and values that DVC writes."""
    if not isinstance(item, dict) or not item.get("path") or item.keys() - _TYPES.keys():
        return False
    typed = all(isinstance(value, _TYPES[key]) and value != "" for key, value in item.items())
    return typed and bool(_HASH.fullmatch(item.get("md5", "0" * 32)))


def blocks_of(text: str) -> dict[str, str]:
    """Return the entries of a text's stages, and the section of datasets if there is one: first line -> all lines."""
    blocks = {block.partition("\n")[0]: block for block in _BLOCK.split(text)}
    return {head: block for head, block in blocks.items() if _STAGE.match(head) or head.startswith("datasets:")}


def is_cut(text: str, reference: str) -> bool:
    """Say whether a text that is whole by itself is the beginning of a longer one, but for changed entries."""
    found, known = blocks_of(text), blocks_of(reference)
    if list(found) != list(known)[: len(found)]:
        return False
    if len(found) < len(known):
        return True
    last = next(reversed(found), "")
    keys, known_keys = (_keys_of(blocks.get(last, "")) for blocks in (found, known))
    return len(keys) < len(known_keys) and keys == known_keys[: len(keys)]


def _keys_of(block: str) -> list[str]:
    return [line.partition(":")[0] for line in block.splitlines()]


def mended(text: str, references: Iterable[str]) -> str | None:
    """Return a whole text from a damaged one.

    Args:
        text: the damaged file. Its whole entries are used, but for the last: that it was cut is not always seen. Of a
            conflict both sides are used, ours first.
        references: whole texts of former times, the newest first, for the entries that are lost.
    Returns:
        The entries in the order of the last reference, new ones at the end; None if there is no entry at all.
    """
    sides = _sides(text)
    sources = [*(_usable(side, trusted=len(sides) > 1) for side in sides), *map(blocks_of, references)]
    merged: dict[str, str] = {}
    for source in reversed(sources):
        merged |= source
    stages = [block for head, block in merged.items() if _STAGE.match(head)]
    others = [block for head, block in merged.items() if not _STAGE.match(head)]
    return "".join([SCHEMA, *others, "stages:\n", *stages]) if stages else None


def _usable(text: str, *, trusted: bool) -> Mapping[str, str]:
    """Return the whole blocks; the last one only if the text is whole and trusted to be so."""
    blocks = blocks_of(text)
    if trusted and fault_of(text) is None:
        return blocks
    return {head: block for head, block in list(blocks.items())[:-1] if _is_whole(block)}


def _is_whole(block: str) -> bool:
    under = "stages:\n" if _STAGE.match(block) else ""
    return fault_of(f"{SCHEMA}{under}{block}") is None


def _sides(text: str) -> list[str]:
    """Return both sides of a text with git's conflict markers; a text without any is its only side."""
    ours, theirs, side = [], [], ""
    for line in text.splitlines(keepends=True):
        if mark := _MARK.fullmatch(line):
            side = mark[1][0]  # < ours, | their common ancestor, = theirs, > both again
            continue
        ours += [line] if side in "<>" else []
        theirs += [line] if side in "=>" else []
    return ["".join(ours), "".join(theirs)] if ours != theirs else ["".join(ours)]
