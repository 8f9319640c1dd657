"""Drawing of mutations: what is done to a file of some kind, and with which of the values that break readers."""

import json
import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tests.fuzz.mutations import PLACE, Mutation, npy_header, payload

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
    operation = chance.choice(sorted(PLACE))
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
    begin = payload(content)
    size = int.from_bytes(content[begin : begin + 8], "little")
    if chance.random() < 0.3:
        at = chance.randrange(begin + 8 + size, len(content))
        return ["integer", at - at % 4, 4, chance.choice([*INTEGERS, *BIT_PATTERNS])]
    return ["safetensors", *_draw_keys(chance, json.loads(content[begin + 8 : begin + 8 + size]))]


def _draw_state(chance: random.Random, content: bytes) -> list[Any]:
    from gradus.weights import unpack

    if chance.random() < 0.5:
        return _draw_safetensors(chance, content)
    return ["values", *_draw_keys(chance, json.loads(unpack(content[payload(content) :])["values"].numpy().tobytes()))]


def _draw_npy(chance: random.Random, content: bytes) -> list[Any]:
    begin, about = npy_header(content)
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
