"""Stage acquire: the corpus of one track becomes `data/raw`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from gradus.artifacts.places import new_folder
from gradus.command import stage_app, track
from gradus.corpora.acquire import acquire, read_source
from gradus.corpora.files import CORPUS, SPLITS
from gradus.corpora.registry import REGISTRY
from gradus.corpora.splits import write_corpus


def main(
    name: Annotated[Literal["lm", "mt"], typer.Option(help="lm: text to model; mt: text to translate.")],
    own: Annotated[Path, typer.Option(help="Folder of your own corpora, one folder each.")] = Path("data/own"),
    raw: Annotated[Path, typer.Option(help="Folder of the text, one folder per track.")] = Path("data/raw"),
    registry: Annotated[
        Path, typer.Option(help="Addresses and sums of public corpora.", show_default="the one of gradus")
    ] = REGISTRY,
    params: Annotated[Path, typer.Option(help="Parameters: acquire, and for the built-in corpus builtin.")] = Path(
        "params.yaml"
    ),
) -> None:
    """Bring the text of one track to `data/raw`: training, validation and test, one sentence a line.

    The corpus is `builtin` (sampled from the project's own grammar), a public one that is downloaded and
    verified, or a folder of your own text. `source.json` says where the text is from and on what terms.
    """
    source = read_source(params, name)
    with new_folder(raw / name, CORPUS, inputs=[own / source.corpus, params]) as folder:
        corpus = acquire(source, params, own, log=typer.echo, track=track, registry=registry)
        about = write_corpus(folder, corpus, source.suffixes, asdict(source))
    sizes = ", ".join(f"{split} {about[split]['lines']} lines" for split in SPLITS)
    typer.echo(f"{source.corpus} ({' to '.join(source.languages)}): {sizes}")
    typer.echo(f"test lines that occur in training as they are: {about['test_lines_seen_in_training']}")


app = stage_app(main)

if __name__ == "__main__":
    app()
