"""The table of decoding strategies. A new strategy is a file of its own and one line here."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from gradus.choices import OneOf
from gradus.decoding.beam import Beam
from gradus.decoding.greedy import Greedy
from gradus.decoding.min_p import MinP
from gradus.decoding.sample import Sample
from gradus.decoding.strategy import Strategy
from gradus.params import validated

STRATEGIES: tuple[type[Strategy], ...] = (
    Greedy,
    Sample,
    MinP,
    Beam,
)

AnyStrategy = Annotated[Strategy, OneOf(STRATEGIES)]
"""Type of a field in params.yaml that holds the settings of any strategy."""


def read_strategy(values: Mapping[str, Any], where: str) -> Strategy:
    """Check settings that come from somewhere else than params.yaml.

    Args:
        values: the settings, `kind` included.
        where: their place, for errors.
    Raises:
        InputError: as `gradus.params.read_params`.
    """
    strategy: Any = AnyStrategy
    return cast(Strategy, validated(values, where, strategy))
