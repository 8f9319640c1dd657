"""Table of decoding strategies. To add a strategy, write a file for it, and add its class to the table."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast

from gradus.choices import OneOf, kind_of
from gradus.decoding.beam import Beam
from gradus.decoding.greedy import Greedy
from gradus.decoding.min_p import MinP
from gradus.decoding.sample import Sample
from gradus.decoding.strategy import Preset, Strategy
from gradus.errors import InputError
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


def presets() -> Mapping[str, tuple[Preset, type[Strategy]]]:
    """Return a dict from the name of each preset to the preset and its strategy."""
    return {preset.name: (preset, strategy) for strategy in STRATEGIES for preset in strategy.presets}


def preset_strategy(
    name: str, settings: Mapping[str, Any], *, where: str = "strategy", spelled: Callable[[str], str] = str
) -> Strategy:
    """Make the strategy of a preset, with some settings changed.

    Args:
        name: name of a preset, such as `nucleus`.
        settings: dict from the name of a setting to its value; a missing setting keeps its value in the preset.
        where: what the user wrote before the name of the preset, for error messages.
        spelled: function from the name of a setting to the name that the user knows.
    Raises:
        InputError: if there is no such preset, a setting belongs to another strategy, or its value is out of range.
    """
    known = presets()
    if name not in known:
        remedy = "choose one of these strategies"
        raise InputError(where, expected=f"one of {', '.join(known)}", found=repr(name), remedy=remedy)
    preset, strategy = known[name]
    for key in settings.keys() - preset.settings.keys():
        own = ", ".join(map(spelled, preset.settings))
        expected = f"only the settings {own}" if own else "no settings"
        raise InputError(f"{where} {name}", expected=expected, found=spelled(key), remedy="leave out this option")
    return read_strategy({"kind": kind_of(strategy), **preset.settings, **settings}, f"{where} {name}: ")
