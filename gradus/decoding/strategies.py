"""The table of decoding strategies. A new strategy needs its own file and one line in the table."""

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
    """Check the settings of a strategy that are not read from params.yaml.

    Args:
        values: the settings, including `kind`.
        where: place of the settings, for error messages.
    Raises:
        InputError: if a setting is missing, unknown or out of range.
    """
    strategy: Any = AnyStrategy
    return cast(Strategy, validated(values, where, strategy))
