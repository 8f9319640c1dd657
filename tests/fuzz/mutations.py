"""How files go wrong, by accident or on purpose: every mutation is plain JSON values, so that a case can be kept.

A mutation is [operation, file, *arguments]. What an earlier one of the same case took away is left alone.
"""

import ast
import json
import os
import random
import re
import shutil
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

Mutation = list[Any]

INTEGERS = [0, 1, 2, 3, -1, 127, 128, 255, 256, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63, -(2**63)]
BIT_PATTERNS = [0x7FC00000, 0x7F800000, 0xFF800000, 0x7F7FFFFF, 0x00000001, 0x3F800000, 0x7FF0000000000000]
"""Floats of 32 bits: NaN, both infinities, the largest, the smallest, one; an infinity of 64 bits."""
DEEP = [["[", "]"], ['{"a":', "}"], ["-", "1"], ["9", "9"], ["\x1b[31m", ""], ["<b>|`$x^", "@x"]]
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1, 2, 3, 1.5, -0.0, 1e308, -1e308, 5e-324, 2**31, 2**63, 10**30, 10**400),
    *(float("nan"), float("inf"), float("-inf"), "", "nan", "x" * 5000, "\u202e\x1b[2J\0", "\ud800", "../../x"),
    *("/dev/zero", "$(touch x)", "a\nb", [], {}, [[]], {"a": {"a": []}}, [0] * 1000, "2001-01-01", "lstm", "1"),
]
TOKENS = [
    *(b"", b" ", b"\n", b"\t", b"\0", b"\r\n", b"\xff", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b"\x1b[2J"),
    *(b"-", b"0", b"1", b"-1", b"99", b"-99", b"1e300", b"-1e300", b"1e-300", b"nan", b"inf", b"-inf", b"9" * 40),
    *(b"<unk>", b"<UNK>", b"<s>", b"</s>", b"<pad>", b"\xe2\x80\xa8", b"\xc2\x85", b"\xe2\x96\x81", b"\x0b", b"\x1c"),
    *(b"{", b"}", b"[", b"]", b'"', b":", b"&a ", b"*a", b"!!binary ", b"!!set ", b"? ", b"<<: ", b"---\n", b"%"),
    *(b"\\data\\", b"\\end\\", b"\\2-grams:", b"ngram 1=", b"=", b"2001-01-01", b"0x10", b"1_000", b".inf", b".nan"),
]
ELSEWHERE = ["/dev/zero", "/dev/null", "/dev/tty", ".", "..", "nowhere", "/proc/self/mem", "/proc/self/environ"]


def apply(folder: Path, mutation: Mutation) -> None:
    """Change a folder as a mutation says."""
    operation, name, *arguments = mutation
    path = folder / name
    if operation in _CONTENT:
        if path.is_file() and not path.is_symlink():
            path.write_bytes(_CONTENT[operation](path.read_bytes(), *arguments))
    elif operation in ("swap", "copy"):
        _PLACE[operation](path, folder / arguments[0])
    elif os.path.lexists(path) or operation == "extra":
        _PLACE[operation](path, *arguments)


def draw(chance: random.Random, files: Mapping[str, bytes]) -> list[Mutation]:
    """Draw one mutation, or a few, of some files."""
    number = chance.choice([1, 1, 1, 2, 3])
    return [_draw(chance, chance.choice(sorted(files)), files) for _ in range(number)]


def _draw(chance: random.Random, name: str, files: Mapping[str, bytes]) -> Mutation:
    kinds: list[Callable[[random.Random, bytes], list[Any]]] = [_draw_bytes, _draw_bytes, _draw_tokens]
    for suffixes, kind in _STRUCTURED.items():
        if name.endswith(suffixes):
            kinds += [kind] * 4
    if chance.random() < 0.1:
        return _draw_place(chance, name, sorted(files))
    operation, *arguments = chance.choice(kinds)(chance, files[name])
    return [operation, name, *arguments]


def _draw_place(chance: random.Random, name: str, names: list[str]) -> Mutation:
    operation = chance.choice(sorted(_PLACE))
    match operation:
        case "swap" | "copy":
            return [operation, name, chance.choice(names)]
        case "link":
            return [operation, name, chance.choice([*ELSEWHERE, Path(chance.choice(names)).name])]
        case "extra":
            return [operation, f"{name}{chance.choice(['.x', '.tmp', '~'])}", chance.choice(["", "x", "{}"])]
    return [operation, name]


def _draw_bytes(chance: random.Random, content: bytes) -> list[Any]:
    at, size = chance.randrange(len(content) + 1), min(len(content), chance.choice([1, 2, 4, 8, 16, 64, 256]))
    match chance.randrange(6):
        case 0 | 1:
            return ["flip", at, chance.randrange(8)]
        case 2:
            return ["splice", at, size, chance.choice([bytes(size), b"\xff" * size, chance.randbytes(size)]).hex()]
        case 3:
            return ["splice", chance.choice([0, at]), chance.choice([size, len(content)]), ""]
        case 4:
            return ["repeat", at, size, chance.choice([1, 2, 1000])]
    width = chance.choice([4, 8])
    return ["integer", at - at % width, width, chance.choice([*INTEGERS, *BIT_PATTERNS, chance.getrandbits(16)])]


def _draw_tokens(chance: random.Random, content: bytes) -> list[Any]:
    """Put a token of some grammar in the place of a token, or before it."""
    places = [match.span() for match in re.finditer(rb"[\w.+-]+|\s|[^\w\s]", content[:20000])] or [(0, 0)]
    begin, end = chance.choice(places)
    token = chance.choice([*TOKENS, content[slice(*chance.choice(places))]])
    return ["splice", begin, chance.choice([end - begin, 0]), token.hex()]


def _draw_keys(chance: random.Random, values: Any) -> list[Any]:
    """Draw a place in nested values, and what becomes of it."""
    path: list[Any] = []
    while isinstance(values, dict | list) and values and (not path or chance.random() < 0.8):
        key = chance.choice(sorted(values)) if isinstance(values, dict) else chance.randrange(len(values))
        path, values = [*path, key], values[key]
    action = chance.choice(["set", "set", "set", "drop", "rename", "deep"])
    match action:
        case "set":
            near = [values + 1, -values, values * 1000] if type(values) in (int, float) else []
            return [path, action, chance.choice([*VALUES, *near])]
        case "rename":
            return [path, action, chance.choice(["x", "", "$(touch x)", "a\nb", "\x1b[2J", "0", "9" * 30])]
        case "deep":
            return [path, action, [*chance.choice(DEEP), chance.choice([1, 60, 5000, 100_000])]]
    return [path, action, None]


def _draw_json(chance: random.Random, content: bytes) -> list[Any]:
    return ["json", *_draw_keys(chance, json.loads(content))]


def _draw_json_line(chance: random.Random, content: bytes) -> list[Any]:
    lines = content.splitlines()
    number = chance.randrange(len(lines))
    return ["json_line", number, *_draw_keys(chance, json.loads(lines[number]))]


def _draw_yaml(chance: random.Random, content: bytes) -> list[Any]:
    return ["yaml", *_draw_keys(chance, yaml.safe_load(content))]


def _draw_safetensors(chance: random.Random, content: bytes) -> list[Any]:
    begin = _payload(content)
    size = int.from_bytes(content[begin : begin + 8], "little")
    if chance.random() < 0.3:
        at = chance.randrange(begin + 8 + size, len(content))
        return ["integer", at - at % 4, 4, chance.choice([*INTEGERS, *BIT_PATTERNS])]
    return ["safetensors", *_draw_keys(chance, json.loads(content[begin + 8 : begin + 8 + size]))]


def _draw_state(chance: random.Random, content: bytes) -> list[Any]:
    from gradus.weights import unpack

    if chance.random() < 0.5:
        return _draw_safetensors(chance, content)
    return ["values", *_draw_keys(chance, json.loads(unpack(content[_payload(content) :])["values"].numpy().tobytes()))]


def _draw_npy(chance: random.Random, content: bytes) -> list[Any]:
    begin, about = _npy(content)
    if chance.random() < 0.6 and len(content) > begin:
        width = np.dtype(about["descr"]).itemsize
        at = begin + width * chance.randrange((len(content) - begin) // width)
        near = int.from_bytes(content[at : at + width], "little") + chance.choice([-2, -1, 1, 2])
        return ["integer", at, width, chance.choice([near, near, *INTEGERS, *BIT_PATTERNS])]
    size = about["shape"][0]
    return ["npy", *chance.choice([
        ["descr", chance.choice([">u4", "<u8", "<f4", ">f4", "|b1", "|O", "<U4", "<M8[s]", "<f8", "x", 3, None])],
        ["fortran_order", chance.choice([True, None, 1, "x"])],
        ["shape", chance.choice([
            [], [0], [size + 1], [size - 1], [-1], [2**31], [2**62], [2**63], [10**30], [size, 1], [1, size], [1] * 99,
            [2**32, 2**32], None, size, ["x"], [True], [0, 2**62], [1.5],
        ])],
        ["extra", 1],
    ])]  # fmt: skip


_STRUCTURED = {
    (".json", ".seal"): _draw_json,
    (".jsonl",): _draw_json_line,
    (".yaml", ".lock"): _draw_yaml,
    (".npy",): _draw_npy,
    (".safetensors",): _draw_safetensors,
    (".checkpoint",): _draw_state,
}


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


def _payload(content: bytes) -> int:
    """Return where a safetensors file begins: after the first line of a checkpoint."""
    return content.find(b"\n") + 1 if content.startswith(b"gradus ") else 0


def _safetensors(content: bytes, *edit: Any) -> bytes:
    begin = _payload(content)
    size = int.from_bytes(content[begin : begin + 8], "little")
    header = _json(content[begin + 8 : begin + 8 + size], *edit)
    return content[:begin] + struct.pack("<Q", len(header)) + header + content[begin + 8 + size :]


def _values(content: bytes, *edit: Any) -> bytes:
    """Edit the JSON that is a tensor of a checkpoint."""
    import torch

    from gradus.weights import pack, unpack

    begin = _payload(content)
    try:
        tensors = unpack(content[begin:])
        text = _json(tensors["values"].numpy().tobytes(), *edit)
    except (ValueError, LookupError):
        return content
    values = torch.frombuffer(bytearray(text or b" "), dtype=torch.uint8)
    return content[:begin] + pack({**tensors, "values": values})


def _npy(content: bytes) -> tuple[int, dict[str, Any]]:
    """Return where the values of an array begin, and what its header says."""
    begin = 10 + int.from_bytes(content[8:10], "little")
    return begin, dict(ast.literal_eval(content[10:begin].decode("latin1")))


def _npy_header(content: bytes, key: str, value: Any) -> bytes:
    try:
        begin, about = _npy(content)
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
    "npy": _npy_header,
}
_PLACE: dict[str, Callable[..., None]] = {
    "remove": _remove,
    "extra": _extra,
    "copy": _copy,
    "swap": _swap,
    "link": _link,
    "pipe": _pipe,
    "folder": _folder,
}
