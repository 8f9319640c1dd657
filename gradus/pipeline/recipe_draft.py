"""Write a new recipe: a complete file with comments that explain its keys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradus.artifacts.places import begins_with, new_file, write_text
from gradus.errors import InputError
from gradus.params import read_file
from gradus.pipeline.overlay import BUILT_ON, models_in, overlay
from gradus.pipeline.recipe import MODELS, Recipe, Track, models_of
from gradus.yaml_files import plain_scalar

MARK = "# Written by `gradus recipe new`"
"""First words of every recipe that `write_draft` wrote."""
_HEAD = f"""\
{MARK}; change it as you like. docs/own-text.md explains recipes.
# A recipe holds only what differs from params.yaml. A key that is not here has its value from params.yaml, and a key
# that params.yaml does not have is refused, except the name of a new model.
"""
_TRACKS = """\
# Tracks to evaluate: lm (language models), mt (translation models), or both. Models of another track do not run.
"""
_MODELS = "  # In the sections below, a key is the name of a model, and params.yaml holds its settings.\n"


@dataclass(frozen=True)
class Draft:
    """Content of a new recipe."""

    acquire: Mapping[Track, Mapping[str, str]]
    """Dict from each track to its section `acquire` of params.yaml: corpus and languages."""
    tokenize: Mapping[Track, Mapping[str, Any]]
    """Dict from each track to its section `tokenize` of params.yaml."""
    models: Sequence[str]
    """Names of the models that run, from the sections of the tracks; all models if the list is empty."""

    @property
    def tracks(self) -> list[Track]:
        """Tracks to evaluate, in the order of `acquire`."""
        return list(self.acquire)


def draft_tokenizer(usual: Mapping[str, Any], kind: str | None, size: int | None) -> Mapping[str, Any]:
    """Return the section `tokenize` of a track.

    Args:
        usual: the section in params.yaml.
        kind: kind of tokenizer; None for `usual`.
        size: number of pieces, for a tokenizer of kind unigram or bpe; None for 4000.
    Raises:
        InputError: if a tokenizer of another kind has a size.
    """
    if size is not None and kind not in ("unigram", "bpe"):
        remedy = "add --tokenizer bpe, or leave out --size"
        raise InputError(
            "--size", expected="a tokenizer of kind unigram or bpe", found=kind or "no --tokenizer", remedy=remedy
        )
    if kind is None:
        return usual
    settings: dict[str, dict[str, Any]] = {"word": {"min_count": 1}, "char": {}}
    joint = {"joint": usual["joint"]} if "joint" in usual else {}
    return {"kind": kind, **settings.get(kind, {"size": size or 4000}), **joint}


def write_draft(path: Path, draft: Draft, base: Mapping[str, Any], *, replace: bool) -> None:
    """Write a recipe, and read it back with the reader of `gradus recipe run`.

    Args:
        path: the file, experiments/NAME.yaml.
        draft: content of the recipe.
        base: parameters in params.yaml.
        replace: whether to replace an earlier file, which must begin with `MARK`.
    Raises:
        InputError: if a name in `draft.models` is no model of the tracks, a track has no model, or the file exists.
    """
    chosen = _chosen(draft, base)
    with new_file(path, begins_with(MARK.encode()), replace=replace) as part:
        write_text(part, "".join(_lines(draft, base, chosen)))
        recipe = read_file(part, Recipe)
        if models_of(recipe.tracks, overlay(base, recipe.params)) != chosen:
            raise RuntimeError(f"{path}: the written recipe does not have the chosen models")


def _chosen(draft: Draft, base: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return a dict from each track to the models that run, in the order of params.yaml."""
    known = models_of(draft.tracks, base)
    every = [name for names in known.values() for name in names]
    for name in draft.models:
        if name not in every:
            expected = f"models of the track{'s' * (len(known) > 1)} {' and '.join(known)} ({', '.join(every)})"
            raise InputError("--models", expected=expected, found=repr(name[:100]), remedy="correct the list")
    chosen = {
        track: [name for name in names if not draft.models or name in draft.models] for track, names in known.items()
    }
    entries = {name: entry for section in BUILT_ON for name, entry in (base.get(section) or {}).items()}
    for name, entry in entries.items():
        lacking = [model for model in models_in(entry) if model not in draft.models]
        if name in draft.models and lacking:
            expected = f"the models of {name} too ({', '.join(lacking)})"
            raise InputError("--models", expected=expected, found=f"{name} without them", remedy="add these models")
    for track, names in chosen.items():
        if not names:
            expected = f"a model of the track {track} ({', '.join(known[track])})"
            raise InputError("--models", expected=expected, found="none", remedy="add a model, or change --tracks")
    return chosen


def _lines(draft: Draft, base: Mapping[str, Any], chosen: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the text of a recipe."""
    corpora = dict.fromkeys(section["corpus"] for section in draft.acquire.values())
    what = [{"lm": "language models", "mt": "translation models"}[track] for track in draft.tracks]
    yield f"{_HEAD}description: {' and '.join(what).capitalize()} of {' and '.join(corpora)}\n"
    yield f"{_TRACKS}tracks: [{', '.join(draft.tracks)}]\n"
    yield "params:\n  acquire:                  # corpus: builtin, a public corpus, or a folder in data/own\n"
    yield from (f"    {track}: {_flow(section)}\n" for track, section in draft.acquire.items())
    yield "  tokenize:                 # kind: word (split at white space), unigram, bpe or char; size: pieces\n"
    yield from (f"    {track}: {_flow(section)}\n" for track, section in draft.tokenize.items())
    yield _MODELS
    yield from _examples([name for names in chosen.values() for name in names][-1], base)
    for track in draft.tracks:
        for section in MODELS[track]:
            dropped = [name for name in base[section] if name not in chosen[track]]
            kept = ", ".join(name for name in base[section] if name in chosen[track]) or "none"
            yield f"  {section}:{'' if dropped else ' {}'}".ljust(28) + f"# runs: {kept}\n"
            yield from (f"    {name}: null\n" for name in dropped)


def _examples(name: str, base: Mapping[str, Any]) -> Iterator[str]:
    """Yield comments that say how to remove, change and add a model, with the name of a model of this recipe."""
    network = any(name in base[section] for section in ("train_lm", "train_mt") if section in base)
    change = "training: {epochs: 8}" if network else "KEY: VALUE"
    meanings = {
        "NAME: null": "the model NAME does not run",
        "no line for NAME": "the model NAME runs with the settings of params.yaml",
        f"{name}: {{{change}}}": f"the model {name} runs with this change",
        f"{name}_2: {{like: {name}, {change}}}": f"a second model, with the settings of {name} and this change",
    }
    width = max(map(len, meanings))
    yield from (f"  #   {line:{width}}  {meaning}\n" for line, meaning in meanings.items())


def _flow(section: Mapping[str, Any]) -> str:
    """Format a section as YAML in one line."""
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in section.items()) + "}"


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value if plain_scalar(value) == value else f'"{value}"'  # names have no character to escape
    return str(value).lower()
