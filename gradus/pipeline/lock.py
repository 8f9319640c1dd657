"""Validate and repair dvc.lock, the file in which DVC records the inputs and outputs of each stage.

DVC overwrites the file after every stage, so a killed DVC can leave a truncated file. A repair copies intact entries
byte for byte. A restored entry may be out of date; `dvc status` and `dvc repro` detect this.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from gradus.artifacts.inputs import read_bytes
from gradus.errors import InputError
from gradus.yaml_files import plain_scalar

DEPTH = 50
"""Maximum number of nested levels. DVC writes about six levels; a very deep file would overflow libyaml's stack."""
LARGEST = 1 << 26
"""Maximum size of a lock file in bytes. DVC writes about 1000 bytes per stage."""
SCHEMA = "schema: '2.0'\n"

_SECTIONS = {"schema", "stages", "datasets"}
# The C parser is faster, but PyYAML can be installed without it.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
# A block starts at a line that is not indented, or that has the two spaces of a stage name.
_BLOCK = re.compile(r"^(?=\S|  [^ \n])", flags=re.MULTILINE)
_STAGE = re.compile(r"  [^ \n]")
_CONFLICT_MARK = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?: .*)?\n?")
_HASH = re.compile(r"[0-9a-f]{32}(\.dir)?")
# A plain scalar that YAML 1.2 reads as null, a boolean or a number.
_NOT_TEXT = re.compile(
    r"(?i:~|null|true|false|)|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0[xo][0-9a-fA-F]+|[-+]?\.(?i:inf|nan)"
)
_TYPES = dict.fromkeys(("path", "hash", "md5", "etag", "checksum", "version_id"), str) | {
    "size": int, "nfiles": int, "isexec": bool, "cloud": dict, "dataset": dict, "files": list,
}  # fmt: skip


def fault_of(text: str) -> str | None:
    """Return a description of the first fault in a lock file's text, or None if the text is valid.

    A text that was cut exactly between two entries counts as valid; `is_truncated` detects this case.
    """
    # First, because conflict markers also make the YAML invalid.
    if any(map(_CONFLICT_MARK.fullmatch, text.splitlines(keepends=True))):
        return "conflict markers of git"
    if not text.strip():
        return "an empty file"
    if "\ufffd" in text:  # `read_lock` puts it in place of invalid bytes
        return "bytes that are not UTF-8"
    if not text.endswith("\n"):
        return "an incomplete last line"
    try:
        content = parse(text)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        return f"invalid YAML on line {mark.line + 1}" if mark else "invalid YAML"
    if not isinstance(content, dict) or content.get("schema") != "2.0" or content.keys() - _SECTIONS:
        return "a schema other than 2.0"
    stages = content.get("stages", {})
    if not isinstance(stages, dict):
        return "a key `stages` that is not a mapping"
    invalid = [name for name, entry in stages.items() if not _is_entry(entry)]
    return f"an invalid entry ({invalid[0]})" if invalid else None


def read_lock(path: Path) -> str | None:
    """Return the text of a lock file without any check; return None if the file does not exist.

    Raises:
        InputError: if the file is too large, or the system refuses to read it.
    """
    if not path.is_file():
        return None
    content = read_bytes(path, "a lock file of DVC", "make the file readable, or remove it", most=LARGEST)
    return content.decode("utf-8", errors="replace")


def read_entries(path: Path) -> dict[str, dict[str, Any]]:
    """Read a lock file; return a dict from each stage to its entry.

    Raises:
        InputError: if the file is missing or damaged.
    """
    if (text := read_lock(path)) is None:
        raise InputError(path, expected="a lock file of DVC", found="no file", remedy="run dvc repro")
    return entries_of(text, path)


def entries_of(text: str, path: Path) -> dict[str, dict[str, Any]]:
    """Parse the text of a lock file; return a dict from each stage to its entry.

    Raises:
        InputError: if the text is damaged; the message names `path`.
    """
    if fault := fault_of(text):
        raise damaged(path, fault)
    entries: dict[str, dict[str, Any]] = parse(text).get("stages", {})
    return entries


def damaged(path: Path, fault: str) -> InputError:
    """Return the error for a damaged lock file."""
    return InputError(path, expected="a valid lock file of DVC", found=fault, remedy="run gradus mend")


def parse_exactly(text: str) -> Any:
    """Parse a lock file and return its values. DVC's parser returns equal values, but takes ten times as long.

    Raises:
        yaml.YAMLError: if the text is not YAML.
        ValueError: see the function `parse`; also if the text has a tag, which DVC never writes.
    """
    return parse(text, scalar=_exact_scalar)


def parse(text: str, scalar: Callable[[Any], Any] | None = None) -> Any:
    """Parse YAML into lists, mappings, text, integers and booleans; other values, such as floats, become None.

    Args:
        text: one YAML document.
        scalar: function that gets the event of a YAML scalar and returns a value; by default, `_scalar`.
    Raises:
        yaml.YAMLError: if the text is not YAML.
        ValueError: if the text has more than `DEPTH` nested levels, repeats a key, is not exactly one document, or has
            an alias of something unknown or of a value with an alias in it.
    """
    stack: list[list[Any]] = [[]]
    anchors: list[str | None] = []  # of the open collections
    anchored: dict[str, Any] = {}  # DVC writes an alias where an entry has the same object of params.yaml again
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append([])
            anchors.append(event.anchor)
            if len(stack) > DEPTH:
                raise ValueError(f"more than {DEPTH} nested levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            items = stack.pop()
            value = _mapping(items) if isinstance(event, yaml.MappingEndEvent) else items
            if anchor := anchors.pop():
                anchored[anchor] = value
            stack[-1].append(value)
        elif isinstance(event, yaml.AliasEvent):
            # A few nested aliases could stand for billions of values, so a value with an anchor has no alias in it.
            if any(anchors) or event.anchor not in anchored:
                raise ValueError("an alias of something unknown, or inside a value with an anchor")
            stack[-1].append(anchored[event.anchor])
        elif isinstance(event, yaml.NodeEvent):
            stack[-1].append((scalar or _scalar)(event))
    (document,) = stack[0]
    return document


def _scalar(event: Any) -> Any:
    """Return a YAML scalar as text, boolean or integer; return None for a tag, null or a float."""
    if event.tag is not None:
        return None
    if event.style or not _NOT_TEXT.fullmatch(event.value):
        return event.value
    if event.value.lower() in ("true", "false"):
        return event.value.lower() == "true"
    # 18 digits fit into 64 bits; Python refuses to convert numbers with thousands of digits.
    return int(event.value[:18]) if event.value.isdecimal() else None


def _exact_scalar(event: Any) -> Any:
    if event.tag is not None:
        raise ValueError("a tag")
    return event.value if event.style else plain_scalar(event.value)


def _mapping(items: list[Any]) -> dict[str, Any]:
    keys = items[::2]
    if not all(isinstance(key, str) for key in keys) or len(set(keys)) < len(keys):
        raise ValueError("a repeated key, or a key that is not text")
    return dict(zip(keys, items[1::2], strict=True))


def _is_entry(entry: Any) -> bool:
    """Return whether a stage's entry has the structure that DVC writes."""
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
    """Return whether a dependency or an output has the keys and types that DVC writes."""
    if not isinstance(item, dict) or not item.get("path") or item.keys() - _TYPES.keys():
        return False
    typed = all(isinstance(value, _TYPES[key]) and value != "" for key, value in item.items())
    return typed and bool(_HASH.fullmatch(item.get("md5", "0" * 32)))


def blocks_of(text: str) -> dict[str, str]:
    """Split a lock file into blocks; return a dict from the first line of each block to the whole block.

    There is one block per stage, and one block for the key `datasets` if the file has this key.
    """
    blocks = {block.partition("\n")[0]: block for block in _BLOCK.split(text)}
    return {head: block for head, block in blocks.items() if _STAGE.match(head) or head.startswith("datasets:")}


def is_truncated(text: str, reference: str) -> bool:
    """Return whether a valid text is a truncated version of a reference, which is an earlier valid text.

    The text is truncated if it lacks the last stages of the reference. It is also truncated if its last stage lacks the
    last keys that this stage has in the reference. Values are not compared, because a new run changes the hashes of a
    stage.
    """
    found, known = blocks_of(text), blocks_of(reference)
    if list(found) != list(known)[: len(found)]:
        return False
    if len(found) < len(known):
        return True
    last = next(reversed(found), "")
    keys, known_keys = (_keys_of(blocks.get(last, "")) for blocks in (found, known))
    return len(keys) < len(known_keys) and keys == known_keys[: len(keys)]


def _keys_of(block: str) -> list[str]:
    """Return the keys of a block: the text before the first colon of each line."""
    return [line.partition(":")[0] for line in block.splitlines()]


def repaired(text: str, references: Iterable[str]) -> str | None:
    """Repair the text of a damaged lock file.

    Args:
        text: the damaged text. All intact entries are used except the last entry, which may be truncated although it
            looks intact. After a merge conflict, the entries of both branches are used. If both have an entry, the
            current branch has priority.
        references: valid earlier texts, the newest first. Missing entries are copied from these texts.
    Returns:
        A valid text, or None if there is no intact entry. Entries have the order of the oldest reference; new entries
        follow at the end.
    """
    sides = _sides(text)
    sources = [*(_usable(side, trusted=len(sides) > 1) for side in sides), *map(blocks_of, references)]
    merged: dict[str, str] = {}
    for source in reversed(sources):  # the best source last, so that it overwrites the others
        merged |= source
    stages = [block for head, block in merged.items() if _STAGE.match(head)]
    others = [block for head, block in merged.items() if not _STAGE.match(head)]
    return "".join([SCHEMA, *others, "stages:\n", *stages]) if stages else None


def _usable(text: str, *, trusted: bool) -> Mapping[str, str]:
    """Return the intact entries of a lock file's text, except the last entry, which may be truncated.

    If the text is valid and the caller knows that it is complete (`trusted`), return all entries.
    """
    blocks = blocks_of(text)
    if trusted and fault_of(text) is None:
        return blocks
    return {head: block for head, block in list(blocks.items())[:-1] if _is_intact(block)}


def _is_intact(block: str) -> bool:
    under = "stages:\n" if _STAGE.match(block) else ""
    return fault_of(f"{SCHEMA}{under}{block}") is None


def _sides(text: str) -> list[str]:
    """Return the texts of both sides of a merge conflict. Without a conflict, the list contains only `text`."""
    ours, theirs, side = [], [], ""
    for line in text.splitlines(keepends=True):
        if mark := _CONFLICT_MARK.fullmatch(line):
            side = mark[1][0]  # < ours, | common ancestor, = theirs, > end of the conflict
            continue
        ours += [line] if side in "<>" else []
        theirs += [line] if side in "=>" else []
    return ["".join(ours), "".join(theirs)] if ours != theirs else ["".join(ours)]
