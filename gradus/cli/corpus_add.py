"""gradus corpus add: register a corpus from files, an address, or a collection of datasets."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import OwnText, Registry
from gradus.errors import InputError

_SOURCE = "SOURCE"


def main(
    name: Annotated[str, typer.Argument(help="Name for the new corpus: letters, digits and underscores.")],
    language: Annotated[
        list[str] | None, typer.Option(help="Language of the text, such as en. Repeat it for parallel text.")
    ] = None,
    whole: Annotated[
        str | None, typer.Option("--from", metavar=_SOURCE, help="Source of all text, or folder of the files below.")
    ] = None,
    train: Annotated[str | None, typer.Option(metavar=_SOURCE, help="Source of the training text.")] = None,
    valid: Annotated[str | None, typer.Option(metavar=_SOURCE, help="Source of the validation text.")] = None,
    test: Annotated[str | None, typer.Option(metavar=_SOURCE, help="Source of the test text.")] = None,
    text: Annotated[str | None, typer.Option(metavar=_SOURCE, help="Source of one text, to be split 90/5/5.")] = None,
    terms: Annotated[str, typer.Option(help="Terms of use; required unless the source states them.")] = "",
    citation: Annotated[str, typer.Option(help="Publication to cite; by default, what the source states.")] = "",
    column: Annotated[
        list[str] | None, typer.Option(metavar="LANGUAGE=COLUMN", help="Column of a Hugging Face dataset.")
    ] = None,
    registry: Registry = Path("corpora.yaml"),
    own: OwnText = Path("data/own"),
) -> None:
    """Fetch a text, check it, and register it under a name that params.yaml can use.

    A SOURCE is a folder, a file, an https address, hf:ORG/NAME[/CONFIG][:SPLIT], mtdata:DATASET_ID, or
    sacrebleu:TEST_SET/SRC-TGT. In a file name or an address, {language} stands for each language. The files are kept in
    GRADUS_CORPORA, or else in your cache. The registry records their SHA-256 sums, their source, the terms and the
    citation; it belongs in git.
    """
    from gradus.corpora.adding import Order, add_corpus, require_free_name
    from gradus.corpora.sources.notation import parse_places

    require_free_name(name, registry, own)
    if not language:
        remedy = "add --language CODE; for parallel text, one for each language"
        raise InputError("--language", expected="at least one language", found="none", remedy=remedy)
    given = {"train": train, "valid": valid, "test": test, "text": text}
    parts = {split: source for split, source in given.items() if source is not None}
    places = parse_places(whole, parts, language, dict(map(_column, column or [])))
    order = Order(name=name, languages=language, places=places, terms=terms, citation=citation)
    added = add_corpus(order, registry, typer.echo)
    typer.echo(f"{name}: " + ", ".join(f"{split} {lines} lines" for split, lines in added.lines.items()))
    typer.echo(f"files: {added.folder}")
    typer.echo(f"registered in {registry}; to use it, set acquire.lm.corpus or acquire.mt.corpus to {name}")


def _column(text: str) -> tuple[str, str]:
    """Parse LANGUAGE=COLUMN."""
    language, equals, name = text.partition("=")
    if not equals:
        raise InputError("--column", expected="LANGUAGE=COLUMN", found=repr(text), remedy="correct the option")
    return language, name
