"""Print the warnings about an n-gram model outside the pipeline, and the model's size."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gradus.command import show_warning

if TYPE_CHECKING:
    from gradus.inference.standalone_ngrams import StandaloneModel


def show_model(folder: Path, standalone: "StandaloneModel", label: str) -> None:
    """Print warnings to stderr; then print the number of words and of n-grams of each order."""
    for warning in standalone.notes.warnings:
        show_warning(warning)
    model = standalone.model
    sizes = " ".join(map(str, model.trie.sizes))
    typer.echo(f"{folder}: {label}, {model.vocabulary_size} words, n-grams by order: {sizes}")
