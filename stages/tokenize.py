"""Stage tokenize: encode the text for language models (lm) or for translation (mt) as token ids."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gradus.artifacts.places import new_folder
from gradus.command import stage_app, track
from gradus.corpora.files import SPLITS, read_columns
from gradus.corpora.source import open_corpus
from gradus.text.origin import TextOrigin, write_origin
from gradus.text.token_ids import TOKENS
from gradus.text.tokenized import train_tokenizers, write_tokenized
from gradus.text.tokenizers.config import read_tokenizer_config
from gradus.text.tokenizers.words import refuse_special_words


def main(
    name: Annotated[
        Literal["lm", "mt"], typer.Option(help="lm: text for language models; mt: sentence pairs for translation.")
    ],
    raw: Annotated[
        Path, typer.Option(help="Folder of the text that `acquire` wrote, with the subfolders lm and mt.")
    ] = Path("data/raw"),
    tokens: Annotated[Path, typer.Option(help="Output folder; the stage writes to its subfolder lm or mt.")] = Path(
        "data/tokens"
    ),
    params: Annotated[
        Path, typer.Option(help="Parameter file. The stage reads the section `tokenize` of this file.")
    ] = Path("params.yaml"),
) -> None:
    """Learn a vocabulary from the training text, and write the training, validation and test text as token ids.

    The stage also writes the tokenizer, `manifest.json` with the numbers of lines, tokens, characters and unknown
    tokens in each text, and `corpus.json` with the name and the languages of the corpus.
    """
    tokenizer = read_tokenizer_config(params, name)
    source = open_corpus(raw / name, *(("language",) if name == "lm" else ("src", "tgt")))
    files = _read_texts(raw / name, ("txt",) if name == "lm" else ("src", "tgt"))
    if tokenizer.config.kind == "word":  # tokenizers of other kinds encode the characters of such words
        for path, lines in files.items():
            refuse_special_words(lines, path)
    texts = {path.name.removesuffix(".txt"): lines for path, lines in files.items()}
    with new_folder(tokens / name, TOKENS, inputs=[raw / name, params]) as folder:
        tokenizers = train_tokenizers(tokenizer.config, texts, joint=tokenizer.joint, where=str(params), track=track)
        counted = write_tokenized(folder, tokenizers, texts, track)
        write_origin(folder, TextOrigin(source.corpus, source.languages))
    for label, trained in tokenizers.items():
        typer.echo(f"{label}: {trained.kind}, {trained.size} pieces")
    for text, counts in counted.items():
        size = f"{counts.lines} lines, {counts.tokens} tokens (with one EOS per line), {counts.characters} characters"
        typer.echo(f"{text}: {size}, {counts.oov_rate:.2%} unknown")


def _read_texts(folder: Path, suffixes: tuple[str, ...]) -> dict[Path, list[str]]:
    splits = [[folder / f"{split}.{suffix}" for suffix in suffixes] for split in SPLITS]
    return {path: lines for paths in splits for path, lines in zip(paths, read_columns(paths), strict=True)}


app = stage_app(main)

if __name__ == "__main__":
    app()
