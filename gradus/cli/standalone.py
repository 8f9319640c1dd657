"""n-gram models by themselves: one folder with the model and its tokenizer."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from gradus.ngram.model import NgramModel
    from gradus.ngram.storage import Notes
    from gradus.text.word_tokenizer import WordTokenizer


def write_standalone(
    folder: Path, model: "NgramModel", tokenizer: "WordTokenizer", notes: "Notes", called: str
) -> None:
    """Write a model, and say what it holds and what was to be warned of; `called` says which model it is."""
    from gradus.artifacts.places import new_folder
    from gradus.ngram.storage import write_models

    with new_folder(folder) as part:
        write_models(part, [model], tokenizer.sha256, notes)
        tokenizer.save(part / "tokenizer")
    for warning in notes.warnings:
        typer.echo(f"warning: {warning}", err=True)
    sizes = " ".join(map(str, model.trie.sizes))
    typer.echo(f"{folder}: {called}, {tokenizer.size} words, n-grams by order: {sizes}")
