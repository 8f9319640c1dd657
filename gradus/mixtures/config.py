"""Read and check the settings of a mixture of language models: the section `interpolate` of params.yaml."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.errors import InputError
from gradus.params import STRICT, read_params
from gradus.results.fields import Name

Kind = Literal["linear", "log_linear"]
"""Rule by which a mixture combines its models; `gradus.mixtures.combine` has the formulas."""

PARTS = ("smooth_ngrams", "train_lm")
"""Sections of params.yaml whose models a mixture can contain."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MixtureConfig:
    """Section `interpolate.NAME` of params.yaml."""

    kind: Kind
    """`linear`: weighted mean of the probabilities; `log_linear`: weighted geometric mean, normalised."""
    models: Annotated[list[Name], Field(min_length=2, max_length=20)]
    """Names of the models. A smoother stands for its n-gram model of the highest order."""
    tolerance: Annotated[float, Field(gt=0, le=1)]
    """The fit stops when the largest change of a weight is at most this number."""
    iterations: Annotated[int, Field(ge=1, le=10**6)]
    """Maximum number of iterations of the fit."""


def read_mixture(params: Path, name: str) -> MixtureConfig:
    """Read the settings of a mixture, and check the names of its models.

    Raises:
        InputError: if a key is missing or out of range, or a model is unknown or is named twice.
    """
    where = f"{params}: interpolate.{name}.models"
    config = read_params(params, f"interpolate.{name}", MixtureConfig)
    known = [model for section in PARTS for model in read_params(params, section, dict[str, Any])]
    for number, model in enumerate(config.models):
        if model not in known:
            expected = f"names of smoothers and networks ({', '.join(known)})"
            raise InputError(where, expected=expected, found=model, remedy="correct the name, or add the model")
        if model in config.models[:number]:
            remedy = "remove one of them"
            raise InputError(where, expected="each model once", found=f"{model} twice", remedy=remedy)
    return config
