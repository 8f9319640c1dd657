"""n-gram models by themselves: one folder with the model and its tokenizer."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from gradus.ngram.scoring.model import NgramModel
    from gradus.ngram.storage import Notes
    from gradus.text.word_tokenizer import WordTokenizer


@contextmanager
def new_model(folder: Path, inputs: Iterable[Path], force: bool) -> Iterator[Path]:
    """Yield a folder for a model, refused at once where something stands that may not be replaced."""
    from gradus.artifacts.places import new_folder
    from gradus.ngram.storage import MODELS

    with new_folder(folder, MODELS, inputs=inputs, replace=force) as part:
        yield part


def write_standalone(part: Path, model: "NgramModel", tokenizer: "WordTokenizer", notes: "Notes") -> None:
    """Write a model with its tokenizer into a folder from `new_model`; print its warnings."""
    from gradus.ngram.storage import write_models

    write_models(part, [model], tokenizer.sha256, notes)
    tokenizer.save(part / "tokenizer")
    for warning in notes.warnings:
        typer.echo(f"warning: {warning}", err=True)


def describe_model(folder: Path, model: "NgramModel", label: str) -> str:
    """Return one line about a model: what it is, its vocabulary, its n-grams by order."""
    sizes = " ".join(map(str, model.trie.sizes))
    return f"{folder}: {label}, {model.vocabulary_size} words, n-grams by order: {sizes}"
