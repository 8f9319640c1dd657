"""How files go wrong, by accident or on purpose: every mutation is plain JSON values, so that a case can be kept.

A mutation is [operation, file, *arguments]. What an earlier one of the same case took away is left alone.
"""

import ast
import json
import os
import re
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

Mutation = list[Any]


def apply(folder: Path, mutation: Mutation) -> None:
    """Change a folder as a mutation says."""
    operation, name, *arguments = mutation
    path = folder / name
    if operation in _CONTENT:
        if path.is_file() and not path.is_symlink():
            path.write_bytes(_CONTENT[operation](path.read_bytes(), *arguments))
    elif operation in ("swap", "copy"):
        PLACE[operation](path, folder / arguments[0])
    elif os.path.lexists(path) or operation == "extra":
        PLACE[operation](path, *arguments)


def _flip(content: bytes, at: int, bit: int) -> bytes:
    return content[:at] + bytes(byte ^ 1 << bit for byte in content[at : at + 1]) + content[at + 1 :]


def _splice(content: bytes, at: int, size: int, replacement: str) -> bytes:
    return content[:at] + bytes.fromhex(replacement) + content[at + size :]


def _repeat(content: bytes, at: int, size: int, times: int) -> bytes:
    return content[:at] + content[at : at + size] * times + content[at:]


def _integer(content: bytes, at: int, width: int, value: int) -> bytes:
    return content[:at] + (value % (1 << 8 * width)).to_bytes(width, "little") + content[at + width :]


def _edited(values: Any, path: list[Any], action: str, argument: Any) -> str:
    """Return nested values as JSON after an edit; NaN and infinities are spelled as Python does."""
    above = values
    for key in path[:-1]:
        above = above[key]
    mark, replacement = "\ufdd0", ""
    if action == "drop":
        del above[path[-1]]
    elif action == "rename" and isinstance(above, dict):
        above[argument] = above.pop(path[-1])
    elif action == "deep":
        opening, closing, times = argument
        above[path[-1]], replacement = mark, opening * times + closing * times
        replacement = replacement if opening in ("[", '{"a":', "9") else json.dumps(replacement)
    else:
        above[path[-1]] = argument
    return json.dumps(values).replace(json.dumps(mark), replacement)


def _json(content: bytes, path: list[Any], action: str, argument: Any) -> bytes:
    try:
        return _edited(json.loads(content), path, action, argument).encode("utf-8", "surrogatepass")
    except (ValueError, LookupError, TypeError, RecursionError):  # an earlier mutation took the place away
        return content


def _json_line(content: bytes, number: int, *edit: Any) -> bytes:
    lines = content.split(b"\n")
    lines[number : number + 1] = [_json(line, *edit) for line in lines[number : number + 1]]
    return b"\n".join(lines)


def _yaml(content: bytes, path: list[Any], action: str, argument: Any) -> bytes:
    """Write YAML as JSON, which it is as well but for its spelling of what is not finite."""
    try:
        text = _edited(yaml.safe_load(content), path, action, argument)
    except (yaml.YAMLError, ValueError, LookupError, TypeError, RecursionError):
        return content
    return re.sub(r"\b(NaN|Infinity)\b", lambda word: {"NaN": ".nan"}.get(word[0], ".inf"), text).encode()


def payload(content: bytes) -> int:
    """Return where a safetensors file begins: after the first line of a checkpoint."""
    return content.find(b"\n") + 1 if content.startswith(b"gradus ") else 0


def _safetensors(content: bytes, *edit: Any) -> bytes:
    begin = payload(content)
    size = int.from_bytes(content[begin : begin + 8], "little")
    header = _json(content[begin + 8 : begin + 8 + size], *edit)
    return content[:begin] + struct.pack("<Q", len(header)) + header + content[begin + 8 + size :]


def _values(content: bytes, *edit: Any) -> bytes:
    """Edit the JSON that is a tensor of a checkpoint."""
    import torch

    from gradus.weights import pack, unpack

    begin = payload(content)
    try:
        tensors = unpack(content[begin:])
        text = _json(tensors["values"].numpy().tobytes(), *edit)
    except (ValueError, LookupError):
        return content
    values = torch.frombuffer(bytearray(text or b" "), dtype=torch.uint8)
    return content[:begin] + pack({**tensors, "values": values})


def npy_header(content: bytes) -> tuple[int, dict[str, Any]]:
    """Return where the values of an array begin, and what its header says."""
    begin = 10 + int.from_bytes(content[8:10], "little")
    return begin, dict(ast.literal_eval(content[10:begin].decode("latin1")))


def _with_header(content: bytes, key: str, value: Any) -> bytes:
    try:
        begin, about = npy_header(content)
    except (ValueError, SyntaxError, TypeError):
        return content
    about[key] = tuple(value) if key == "shape" and isinstance(value, list) else value
    header = repr(about).encode("latin1") + b"\n"
    return content[:8] + struct.pack("<H", len(header)) + header + content[begin:]


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _extra(path: Path, text: str) -> None:
    if not os.path.lexists(path):
        path.write_text(text)


def _copy(path: Path, other: Path) -> None:
    """Put another file of the same tree in the place of one."""
    if all(file.is_file() and not file.is_symlink() for file in (path, other)):
        path.write_bytes(other.read_bytes())


def _swap(path: Path, other: Path) -> None:
    if path != other and os.path.lexists(path) and os.path.lexists(other):
        aside = path.with_name("aside")
        os.rename(path, aside)
        os.rename(other, path)
        os.rename(aside, other)


def _link(path: Path, target: str) -> None:
    _remove(path)
    path.symlink_to(target)


def _pipe(path: Path) -> None:
    _remove(path)
    os.mkfifo(path)


def _folder(path: Path) -> None:
    _remove(path)
    path.mkdir()


_CONTENT: dict[str, Callable[..., bytes]] = {
    "flip": _flip,
    "splice": _splice,
    "repeat": _repeat,
    "integer": _integer,
    "json": _json,
    "json_line": _json_line,
    "yaml": _yaml,
    "safetensors": _safetensors,
    "values": _values,
    "npy": _with_header,
}
PLACE: dict[str, Callable[..., None]] = {
    "remove": _remove,
    "extra": _extra,
    "copy": _copy,
    "swap": _swap,
    "link": _link,
    "pipe": _pipe,
    "folder": _folder,
}
