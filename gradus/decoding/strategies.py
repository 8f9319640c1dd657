"""Table of decoding strategies. To add a strategy, write a file for it, and add its class to the table."""

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
"""Type annotation for settings in params.yaml that select a decoding strategy of any kind."""


def read_strategy(values: Mapping[str, Any], where: str) -> Strategy:
    """Make a strategy from settings that do not come from params.yaml, and check the settings.

    Args:
        values: the settings, including `kind`.
        where: origin of the settings, for error messages.
    Raises:
        InputError: if a setting is missing, unknown or out of range.
    """
    strategy: Any = AnyStrategy
    return cast(Strategy, validated(values, where, strategy))
