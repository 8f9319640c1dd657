"""Draw docstrings, messages and captions of the project at random, for a reader to judge.

    python -m tests.prose --count 100 --seed 1

A text that needs a second reading is a defect. Drawing with a seed keeps an author from choosing what is read.
"""

import argparse
import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("gradus", "stages", "benchmarks")
FEWEST_WORDS = 4
"""Shorter strings are names, keys and labels."""


@dataclass(frozen=True)
class Text:
    """One docstring, or one string that a user may see."""

    file: Path
    line: int
    kind: str
    text: str


def texts(file: Path) -> Iterator[Text]:
    """Yield the docstrings of a file, and its other strings of at least `FEWEST_WORDS` words."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            text = node.value
        else:
            continue
        if len(text.split()) >= FEWEST_WORDS:
            yield Text(file, node.lineno, "docstring" if id(node) in documentation else "string", text)


def draw(count: int, seed: int) -> list[Text]:
    """Return `count` texts of the project, drawn without replacement, in the order of the files."""
    found = [text for package in PACKAGES for file in sorted(Path(package).rglob("*.py")) for text in texts(file)]
    rows = sorted(random.Random(seed).sample(range(len(found)), count))
    return [found[row] for row in rows]


def main() -> None:
    """Print the sample."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, help="texts to draw")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    arguments = parser.parse_args()
    for number, text in enumerate(draw(arguments.count, arguments.seed), 1):
        print(f"## {number}. {text.kind}, {text.file}:{text.line}\n\n{text.text}\n")


if __name__ == "__main__":
    main()
