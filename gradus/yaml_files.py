"""Read YAML files of unknown origin; accept only text, numbers, lists and mappings of limited size."""

import copy
import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gradus.artifacts.inputs import INTEGERS, read_bytes
from gradus.errors import InputError

LARGEST = 2**17
"""Maximum size of a file in bytes; parsing a file of this size takes at most ten seconds."""
EXPANDED = 500_000
"""Maximum number of values plus characters in a file, counted after every alias is replaced by its value."""
DEPTH = 50
"""Maximum depth to which lists and mappings may be nested."""
_SCALARS = YAML(typ="safe", pure=True)
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map", "merge")}
_KEYS = {f"tag:yaml.org,2002:{name}" for name in ("str", "merge")}


def read_yaml(path: Path) -> Any:
    """Read a file as YAML 1.2, as DVC does. In YAML 1.2, `1e-3` is a number.

    Raises:
        InputError: if the file cannot be read, or its content is not UTF-8 or not YAML; if the file is too large or has
            too many levels; if an alias contains itself; if a key is repeated or is not text; if a value has a type
            that JSON lacks, such as a date; if a number is infinite, NaN or longer than 64 bits.
    """
    # A copy, because the caller may change the values.
    return copy.deepcopy(_parsed(path, _read(path)))


@lru_cache(maxsize=4)
def _parsed(path: Path, text: str) -> Any:
    """Parse the text of a file. A stage reads several sections of params.yaml, which takes 90 ms to parse."""
    yaml = YAML(typ="safe", pure=True)  # pure: ruamel's optional parser in C reads only YAML 1.1
    yaml.composer.warn_double_anchors = False  # allowed by YAML
    try:
        node = yaml.compose(text)
        if node is None:
            return None
        _Nodes(path).measure(node, frozenset())
        values = yaml.constructor.construct_document(node)
    except InputError:  # a ValueError, which is caught below
        raise
    except RecursionError:
        raise _too_deep(path) from None
    except (YAMLError, ValueError, LookupError) as error:  # ValueError: `!!float abc`; LookupError: `!!bool abc`
        raise _not_yaml(path, error) from None
    refuse_odd(values, f"{path}: ")  # YAML has infinities and NaN, and its text may contain NUL
    return values


@lru_cache(maxsize=1 << 16)
def plain_scalar(text: str) -> Any:
    """Return the value of an unquoted scalar, as DVC's parser reads it: `1e-3` is a number, `no` is text."""
    # The tag first, because it is twenty times faster than a whole document, and most scalars are text.
    if _SCALARS.resolver.resolve(ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str":
        return text
    return _SCALARS.load(text)


def _read(path: Path) -> str:
    content = read_bytes(path, "a parameter file", "correct the path", most=LARGEST)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line, byte = content.count(b"\n", 0, error.start) + 1, content[error.start]
        raise InputError(
            f"{path}:{line}", expected="UTF-8", found=f"byte 0x{byte:02x}", remedy="convert the file to UTF-8"
        ) from None


class _Nodes:
    """Measure YAML nodes before aliases are replaced by values, and refuse types that JSON lacks.

    The size is measured first, because a short file with aliases of aliases can expand to billions of values.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sizes: dict[int, tuple[int, int]] = {}

    def measure(self, node: Node, above: frozenset[int]) -> tuple[int, int]:
        """Return the size of a node (values plus characters), and its depth in levels.

        Args:
            node: any node.
            above: `id()` of every node that contains this node.
        Raises:
            InputError: if the node contains itself, is too large or too deep, or has a type that JSON lacks.
        """
        if id(node) in above:
            raise self._refuse(node, "a value that does not contain itself", "a recursive alias")
        if id(node) not in self.sizes:  # an alias is the same object, so it is measured once
            inside = above | {id(node)}
            below = [self.measure(child, inside) for child in self._children(node)]
            own = 1 + (len(node.value) if isinstance(node, ScalarNode) else 0)
            size, depth = own + sum(size for size, _ in below), 1 + max((depth for _, depth in below), default=0)
            if size > EXPANDED:
                raise self._refuse(node, f"at most {EXPANDED} characters after aliases are expanded", "more")
            if depth > DEPTH:
                raise _too_deep(self.path)
            self.sizes[id(node)] = size, depth
        return self.sizes[id(node)]

    def _children(self, node: Node) -> list[Node]:
        """Return the nodes inside a node; refuse the node if its type or one of its keys is wrong."""
        if node.tag not in _TAGS:
            kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
            raise self._refuse(node, "text, a number, true, false or null", f"a value of type {shown(kind)}")
        if isinstance(node, SequenceNode):
            return list(node.value)
        if not isinstance(node, MappingNode):
            return []
        for key, _ in node.value:
            if not isinstance(key, ScalarNode) or key.tag not in _KEYS:
                found = shown(key.value) if isinstance(key, ScalarNode) else "a list or mapping"
                raise self._refuse(key, "a key that is text", found)
        return [child for pair in node.value for child in pair]

    def _refuse(self, node: Node, expected: str, found: str) -> InputError:
        where = f"{self.path}:{node.start_mark.line + 1}"
        return InputError(
            where, expected=expected, found=found, remedy="correct the value; quotes turn any value into text"
        )


def _too_deep(path: Path) -> InputError:
    return InputError(path, expected=f"at most {DEPTH} levels", found="more", remedy="correct the file")


def _not_yaml(path: Path, error: Exception) -> InputError:
    """Return an error about a file that is not YAML; the error quotes the parser's message."""
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    problem = error.problem if isinstance(error, MarkedYAMLError) else str(error)
    where = path if mark is None else f"{path}:{mark.line + 1}"
    found = f"a syntax error, {shown(problem)}" if problem else "a syntax error"
    return InputError(where, expected="YAML", found=found, remedy="correct the syntax")


def refuse_odd(value: Any, where: str) -> None:
    """Refuse NaN, infinities, integers beyond 64 bits, and text that is not Unicode or contains NUL.

    Args:
        value: text, a number, or lists and mappings of such values.
        where: the file and the section of the value, for errors.
    Raises:
        InputError: if a value is refused. The error names the key of the value.
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            refuse_odd(str(key), where)
            refuse_odd(item, joined(where, str(key)))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            refuse_odd(item, joined(where, str(number)))
    elif isinstance(value, float) and not math.isfinite(value):
        raise _odd(where, "a finite number", str(value))
    elif isinstance(value, int) and not -INTEGERS < value < INTEGERS:
        raise _odd(where, "an integer below 2^63", "a larger one")
    elif isinstance(value, str) and ("\0" in value or not _encodable(value)):
        raise _odd(where, "text", shown(value))


def _odd(where: str, expected: str, found: str) -> InputError:
    return InputError(where.removesuffix(": "), expected=expected, found=found, remedy="correct the value")


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def joined(where: str, key: str) -> str:
    """Append a key to the name of a section: `params.yaml: train_lm` and `lstm` become `params.yaml: train_lm.lstm`."""
    name = key if key.isprintable() else shown(key)
    return f"{where}{name}" if where.endswith(": ") else f"{where}.{name}"


def described(value: object) -> str:
    """Describe a value for an error message, such as `true`, `a list` or `nothing`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, Mapping):
        return "keys with values"
    return "nothing" if value is None else shown(value)


def shown(value: object, longest: int = 60) -> str:
    """Return a value as printable text (its `repr`); three dots replace the middle of a long text."""
    text = repr(value)
    return text if len(text) <= longest else f"{text[: longest - 15]}...{text[-12:]}"
