"""Find the project's modules that a module imports. The syntax tree is read, so no code of the module runs."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = ("gradus", "stages")
"""Packages of this project, in the current folder. Imports of other packages are not followed."""


def modules() -> list[str]:
    """Return the dotted names of all modules and packages of the project."""
    return sorted(_name(path) for package in PROJECT for path in Path(package).rglob("*.py"))


def file_of(module: str) -> Path:
    """Return the path of a module's file. The file of a package is its `__init__.py`."""
    path = Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache  # the stages reach many of the same modules
def imports(module: str, *, types: bool = True) -> frozenset[str]:
    """Return the full names of all imports of a module, at the top level and inside functions.

    Args:
        module: dotted name of the module.
        types: whether to include imports under `if TYPE_CHECKING`, which do not run.
    """
    tree = _tree(module)
    skipped = (
        set() if types else {id(node) for test in ast.walk(tree) if _checks_types(test) for node in ast.walk(test)}
    )
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(_resolved(node.module, alias.name) for alias in node.names)
    return frozenset(found)


def reached(module: str) -> set[str]:
    """Return a module and all modules of the project that it imports at run time, directly or indirectly."""
    seen: set[str] = set()
    ahead = [module]
    while ahead:
        name = ahead.pop()
        if name.split(".")[0] in PROJECT and name not in seen:
            seen.add(name)
            ahead.extend(imports(name, types=False))
    return seen


def data_files(module: str) -> Iterator[Path]:
    """Yield the data files in a module's folder whose names occur in the module's code, such as `registry.yaml`."""
    beside = {path.name: path for path in file_of(module).parent.iterdir() if path.suffix != ".py" and path.is_file()}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Constant) and node.value in beside:
            yield beside[str(node.value)]


def is_empty(module: str) -> bool:
    """Return whether a module contains nothing but a docstring, as most `__init__.py` files do."""
    return len(_tree(module).body) <= 1


def is_under(module: str, package: str) -> bool:
    """Return whether `module` is equal to `package` or is a module inside it."""
    return f"{module}.".startswith(f"{package}.")


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(file_of(module).read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _checks_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _resolved(package: str, name: str) -> str:
    """Return `package.name` if this is a module of the project, else `package`."""
    whole = f"{package}.{name}"
    return whole if package.split(".")[0] in PROJECT and file_of(whole).exists() else package
