"""List all smoothers; read their settings from params.yaml, and offer their published settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, cast

from gradus.choices import OneOf, kind_of
from gradus.errors import InputError
from gradus.ngram.smoothing.absolute_discounting import AbsoluteDiscounting
from gradus.ngram.smoothing.additive import Additive
from gradus.ngram.smoothing.jelinek_mercer import JelinekMercer
from gradus.ngram.smoothing.katz import Katz
from gradus.ngram.smoothing.kneser_ney import KneserNey
from gradus.ngram.smoothing.maximum_likelihood import MaximumLikelihood
from gradus.ngram.smoothing.modified_absolute_discounting import ModifiedAbsoluteDiscounting
from gradus.ngram.smoothing.modified_kneser_ney import ModifiedKneserNey
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.smoothing.stupid_backoff import StupidBackoff
from gradus.ngram.smoothing.witten_bell import WittenBell
from gradus.params import read_params, validated

SMOOTHERS: tuple[type[Smoother], ...] = (
    MaximumLikelihood,
    Additive,
    StupidBackoff,
    Katz,
    JelinekMercer,
    WittenBell,
    AbsoluteDiscounting,
    ModifiedAbsoluteDiscounting,
    KneserNey,
    ModifiedKneserNey,
)

AnySmoother = Annotated[Smoother, OneOf(SMOOTHERS)]
"""Type of any smoother; the setting `kind` selects the class."""


def read_smoother(path: Path, name: str) -> Smoother:
    """Read the section `smooth_ngrams.NAME` of a parameter file. The errors are those of `read_params`."""
    # two casts, because mypy does not accept an Annotated type as a class
    return cast(Smoother, read_params(path, f"smooth_ngrams.{name}", cast(Any, AnySmoother)))


def published_settings() -> dict[str, dict[str, Any]]:
    """Return a dict from each smoother's name to its published settings, in the form of params.yaml."""
    return {name: {"kind": kind_of(row), **settings} for row in SMOOTHERS for name, settings in row.published().items()}


def published_smoother(name: str, changes: Mapping[str, Any], where: str) -> Smoother:
    """Return a smoother with its published settings, except for the settings in `changes`.

    Args:
        name: a key of `published_settings`.
        changes: dict from the name of a setting to its new value.
        where: the command-line option, for error messages.
    Raises:
        InputError: if the name or a setting is unknown, or a value is out of range.
    """
    known = published_settings()
    if name not in known:
        raise InputError(where, expected=f"one of {', '.join(known)}", found=name, remedy="choose one of these names")
    section = {**known[name], **changes}
    return cast(Smoother, validated(section, f"{where} {name}: ", cast(Any, AnySmoother)))
