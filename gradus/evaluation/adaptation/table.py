"""List the ways in which a network adapts to the text that it scores, and read their settings."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast

from gradus.choices import OneOf
from gradus.errors import InputError
from gradus.evaluation.adaptation.cache import CacheConfig, cache_scorer
from gradus.evaluation.adaptation.dynamic import DynamicConfig, dynamic_scorer
from gradus.evaluation.adaptation.subject import StreamScorer, Subject
from gradus.params import read_params

ADAPTATIONS: Mapping[type, Callable[[Subject, Any], StreamScorer]] = {
    CacheConfig: cache_scorer,
    DynamicConfig: dynamic_scorer,
}
"""Dict from the class of an adaptation's settings to the function that makes the scorer."""
Adaptation = CacheConfig | DynamicConfig
"""Settings of an adaptation: an entry of `adapt_lm` in params.yaml."""
AnyAdaptation = Annotated[Adaptation, OneOf(tuple(ADAPTATIONS))]
"""Type that reads an entry of `adapt_lm`."""


def settings_of(config: Adaptation) -> dict[str, float]:
    """Return the numbers of an adaptation by name."""
    return {key: float(value) for key, value in asdict(config).items() if key not in ("kind", "model")}


def read_adaptation(params: Path, name: str) -> Adaptation:
    """Read the settings of an adapting network, and check the name of its network.

    Raises:
        InputError: if a key is missing or out of range, or the model is not a network of `train_lm`.
    """
    config: Adaptation = read_params(params, f"adapt_lm.{name}", cast(Any, AnyAdaptation))
    networks = read_params(params, "train_lm", dict[str, Any])
    if config.model not in networks:
        raise InputError(
            f"{params}: adapt_lm.{name}.model",
            expected=f"the name of a network ({', '.join(networks) or 'none yet'})",
            found=config.model,
            remedy="correct the name, or add the network to train_lm",
        )
    return config
