"""Stage acquire: write the text for language models (lm) or for translation (mt) to `data/raw`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from gradus.artifacts.places import new_folder
from gradus.command import stage_app, track
from gradus.committed import replaced_results
from gradus.corpora.acquire import acquire, read_source
from gradus.corpora.files import CORPUS, SPLITS
from gradus.corpora.splits import write_corpus


def main(
    name: Annotated[
        Literal["lm", "mt"], typer.Option(help="lm: text for language models; mt: sentence pairs for translation.")
    ],
    own: Annotated[Path, typer.Option(help="Folder of your own corpora, with one subfolder per corpus.")] = Path(
        "data/own"
    ),
    raw: Annotated[Path, typer.Option(help="Output folder; the stage writes to its subfolder lm or mt.")] = Path(
        "data/raw"
    ),
    registry: Annotated[
        Path, typer.Option(help="YAML file of the corpora that you have registered with `gradus corpus add`.")
    ] = Path("corpora.yaml"),
    params: Annotated[
        Path, typer.Option(help="Parameter file. The stage reads the sections `acquire` and `builtin` of this file.")
    ] = Path("params.yaml"),
) -> None:
    """Write training, validation and test text to `data/raw`, with one sentence per line.

    The parameter file names the corpus: `builtin` (sampled from a grammar that is part of gradus), a public corpus or
    one that you have registered (fetched and verified), or a folder of your own text. `source.json` records the source
    of the text and its terms of use.
    """
    source = read_source(params, name)
    if replaced := replaced_results(params):  # a stage cannot stop `dvc repro` for a question, so it says it
        typer.echo(f"warning: {params} has {replaced}; a recipe keeps them (gradus recipe new)", err=True)
    with new_folder(raw / name, CORPUS, inputs=[own / source.corpus, params, registry]) as folder:
        corpus = acquire(source, params, own, log=typer.echo, track=track, registry=registry)
        about = write_corpus(folder, corpus, source.suffixes, asdict(source))
    sizes = ", ".join(f"{split} {about[split]['lines']} lines" for split in SPLITS)
    typer.echo(f"{source.corpus} ({' to '.join(source.languages)}): {sizes}")
    typer.echo(f"test lines that also occur in training: {about['test_lines_seen_in_training']}")


app = stage_app(main)

if __name__ == "__main__":
    app()
