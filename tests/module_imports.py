"""Which modules of the project a file imports, read from its syntax tree."""

import ast
from functools import cache
from pathlib import Path

PROJECT = ("gradus", "stages")


def modules() -> list[str]:
    """Return the dotted names of all modules and packages of the project."""
    return sorted(_name(path) for package in PROJECT for path in Path(package).rglob("*.py"))


def file_of(module: str) -> Path:
    """Return the file of a module, or `__init__.py` of a package."""
    path = Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(module: str, *, types: bool = True) -> frozenset[str]:
    """Return the full names of what a module imports, at its top or in a function.

    Args:
        module: dotted name.
        types: with those under `if TYPE_CHECKING`, which never run.
    """
    tree = ast.parse(file_of(module).read_text(encoding="utf-8"))
    skipped = {id(node) for test in ast.walk(tree) if _is_type_check(test) for node in ast.walk(test)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if not types and id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(_resolved(node.module, alias.name) for alias in node.names)
    return frozenset(found)


def _is_type_check(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _resolved(package: str, name: str) -> str:
    """Return `package.name` where that is a module of ours, else `package`."""
    whole = f"{package}.{name}"
    return whole if package.split(".")[0] in PROJECT and file_of(whole).exists() else package


def reached(module: str, *, avoiding: tuple[str, ...] = ()) -> set[str]:
    """Return every module of the project that a module imports when it runs, directly or not, and itself.

    Modules and packages under the names `avoiding`, and what only they import, are left out.
    """
    seen: set[str] = set()
    ahead = [module]
    while ahead:
        name = ahead.pop()
        ours = name.split(".")[0] in PROJECT and not any(is_under(name, other) for other in avoiding)
        if ours and name not in seen:
            seen.add(name)
            ahead.extend(imports(name, types=False))
    return seen


def is_under(module: str, package: str) -> bool:
    """Whether a module is a package or lies in it."""
    return f"{module}.".startswith(f"{package}.")
