"""Stage acquire: the corpus of one track becomes `data/raw`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gradus.command import stage_app
from gradus.corpora.acquire import LMSource, MTSource, acquire
from gradus.corpora.registry import REGISTRY
from gradus.corpora.splits import count_seen, write_corpus
from gradus.params import read_params


def main(
    name: Annotated[Literal["lm", "mt"], typer.Argument(help="lm: text to model; mt: text to translate.")],
    own: Annotated[Path, typer.Option(help="Folder of your own corpora, one folder each.")] = Path("data/own"),
    raw: Annotated[Path, typer.Option(help="Folder of the text, one folder per track.")] = Path("data/raw"),
    registry: Annotated[Path, typer.Option(help="Addresses and sums of public corpora.")] = REGISTRY,
    params: Annotated[
        Path, typer.Option(help="Parameters: acquire, and for the built-in corpus builtin and seed.")
    ] = Path("params.yaml"),
) -> None:
    """Bring the text of one track to `data/raw`: training, validation and test, one sentence a line.

    The corpus is `builtin` (sampled from the project's own grammar), a public one that is downloaded and
    verified, or a folder of your own text. `source.json` says where the text is from and on what terms.
    """
    source = read_params(params, f"acquire.{name}", LMSource if name == "lm" else MTSource)
    corpus = acquire(source, params, own, typer.echo, registry)
    about = {"corpus": source.corpus, **dict(zip(_KEYS[name], source.languages, strict=True))}
    write_corpus(raw / name, corpus, source.suffixes, about)
    sizes = ", ".join(f"{split} {len(columns[0])}" for split, columns in corpus.splits.items())
    typer.echo(f"{source.corpus} ({' to '.join(source.languages)}): {sizes} lines")
    typer.echo(f"test lines that occur in training as they are: {count_seen(corpus)}")


_KEYS = {"lm": ("language",), "mt": ("src", "tgt")}

app = stage_app(main)

if __name__ == "__main__":
    app()
