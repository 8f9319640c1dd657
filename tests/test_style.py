"""Elegance is in the tail: the ceilings of the house style, which count code and not its documentation."""

import ast
import io
import tokenize
from pathlib import Path

import pytest

FILES = sorted(file for folder in ("gradus", "stages", "benchmarks") for file in Path(folder).rglob("*.py"))
THIN = [file for file in FILES if file.parts[0] == "stages" or file.parts[:2] == ("gradus", "cli")]
FILE, FUNCTION, COMMAND, PARAMETERS = 300, 40, 60, 6
"""Most lines of code of a file, of a function, of a stage or command; most parameters of a function."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
SPACE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def code_lines(text: str) -> set[int]:
    """Return the numbers of the lines that hold code: no blank line, comment or string that documents."""
    documentation = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {line for token in tokens if token.type not in SPACE for line in range(token.start[0], token.end[0] + 1)}
    return lines - documentation


def size(parameter: ast.arg) -> int:
    """Return how many settings a parameter holds: a tuple of three or more counts as that many."""
    annotation = parameter.annotation
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "tuple":
        parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else []
        return 1 if len(parts) < 3 else len(parts)
    return 1


@pytest.mark.parametrize("file", FILES, ids=str)
def test_files_and_functions_are_short(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    lines = code_lines(text)
    assert len(lines) <= FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function) and node.end_lineno is not None:
            length = len(lines & set(range(node.lineno, node.end_lineno + 1)))
            assert length <= FUNCTION, f"{node.name} has {length} lines of code"


@pytest.mark.parametrize("file", THIN, ids=str)
def test_stages_and_commands_are_thin(file: Path) -> None:
    """Computations belong in the library, where programs can call them too."""
    length = len(code_lines(file.read_text(encoding="utf-8")))
    assert length <= COMMAND, f"{length} lines of code"


@pytest.mark.parametrize("file", [file for file in FILES if file not in THIN], ids=str)
def test_parameters_are_few_and_are_not_hidden_in_tuples(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            settings = sum(size(parameter) for parameter in parameters if parameter.arg not in ("self", "cls"))
            assert settings <= PARAMETERS, f"{node.name} takes {settings} settings"


@pytest.mark.parametrize("file", FILES, ids=str)
def test_nothing_is_unpickled_and_asserts_are_for_tests(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}"
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("torch.load"):
            assert "weights_only=True" in ast.unparse(node), f"line {node.lineno}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert "pickle" not in ast.unparse(node)
