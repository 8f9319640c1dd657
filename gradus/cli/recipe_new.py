"""gradus recipe new: write a recipe for a corpus."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gradus.cli.clone import require_clone
from gradus.cli.options import Force, OwnText, Registry
from gradus.cli.recipe_options import EXPERIMENTS, Experiments, Kind, Language, Models, Size, Source, Target, Tracks
from gradus.errors import InputError


def main(
    name: Annotated[str, typer.Argument(help="Name of the new recipe; the file is experiments/NAME.yaml.")],
    corpus: Annotated[str, typer.Option(help="builtin, a public corpus, or a folder of your text in data/own.")],
    language: Language = "",
    src: Source = "",
    tgt: Target = "",
    tokenizer: Kind = None,
    size: Size = None,
    models: Models = "",
    tracks: Tracks = "",
    own: OwnText = Path("data/own"),
    registry: Registry = Path("corpora.yaml"),
    experiments: Experiments = EXPERIMENTS,
    force: Force = False,
) -> None:
    """Write a recipe that trains and measures models on a corpus; the results of params.yaml stay as they are.

    The corpus is checked, and your own text is read as a run reads it. The file has comments that explain its keys.

    Example: gradus recipe new tales --corpus tales --tokenizer bpe --size 2000 --models lstm,modified_kneser_ney
    """
    require_clone()
    from gradus.corpora.choose import choose_corpus
    from gradus.names import require_name
    from gradus.params import read_file
    from gradus.pipeline.dvc import PARAMS
    from gradus.pipeline.recipe_draft import Draft, draft_tokenizer, write_draft

    require_name(name, "NAME")
    require_name(corpus, "--corpus")
    base: dict[str, Any] = read_file(PARAMS, dict)
    asked = {"language": language, "src": src, "tgt": tgt}
    choice = choose_corpus(corpus, asked, own, registry)
    sources = {track: choice.source(track, base["acquire"][track]) for track in _tracks(tracks, asked)}
    tokenize = {track: draft_tokenizer(base["tokenize"][track], tokenizer, size) for track in sources}
    chosen = [model.strip() for model in models.split(",")] if models else []
    draft = Draft({track: asdict(source) for track, source in sources.items()}, tokenize, chosen)
    for source in sources.values():
        choice.check_text(source, typer.echo)
    path = experiments / f"{name}.yaml"
    write_draft(path, draft, base, replace=force)
    typer.echo(f"wrote {path}; read it, then run: gradus recipe run {name}")


def _tracks(text: str, asked: dict[str, str]) -> list[Literal["lm", "mt"]]:
    """Return the tracks to evaluate, without repetitions."""
    pair = bool(asked["src"] or asked["tgt"])
    usual = {"lm"} if not pair else {"mt", "lm"} if asked["language"] else {"mt"}
    names = {name.strip() for name in text.split(",")} if text else usual
    if not names <= {"lm", "mt"}:
        raise InputError("--tracks", expected="lm, mt or lm,mt", found=repr(text[:100]), remedy="correct the list")
    tracks: tuple[Literal["lm", "mt"], ...] = ("lm", "mt")
    return [track for track in tracks if track in names]
