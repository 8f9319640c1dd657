"""Elegance is in the tail: the ceilings of the house style."""

import ast
from pathlib import Path

import pytest

FILES = sorted(file for folder in ("gradus", "stages", "benchmarks") for file in Path(folder).rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=str)
def test_files_and_functions_are_short(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            assert lines <= 40, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("file", FILES, ids=str)
def test_nothing_is_unpickled_and_asserts_are_for_tests(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}"
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("torch.load"):
            assert "weights_only=True" in ast.unparse(node), f"line {node.lineno}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert "pickle" not in ast.unparse(node)
