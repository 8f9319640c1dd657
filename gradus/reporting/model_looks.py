"""Give each model one colour, one dash and one marker, the same in all plots of the report."""

from collections.abc import Iterable, Mapping

from gradus.reporting.drawing.looks import DASH_DOT, DASHED, Look, looks
from gradus.reporting.results import Results


def language_model_looks(results: Results) -> dict[str, Look]:
    """Return the looks of all language models: n-gram models are dashed, networks are solid, mixtures are dash-dot.

    Networks that adapt to the test text look as networks do; they only are in plots without lines.
    """
    static = looks(results.smoothers, DASHED) | looks(results.networks) | looks(results.mixtures, DASH_DOT)
    return static | looks(results.adapted)


def translation_model_looks(results: Results) -> dict[str, Look]:
    """Return the looks of all translation models."""
    return looks(results.translators)


def study_looks(lines: Iterable[str], results: Results) -> dict[str, Look]:
    """Return the looks of the lines of a study: a line with the name of a model looks as this model does.

    The other lines get the looks that no line of the study has, in the order of `lines`.
    """
    names = list(dict.fromkeys(lines))
    known = translation_model_looks(results) | language_model_looks(results)
    found = {name: known[name] for name in names if name in known}
    free = _free_looks(len(names), found)
    return {name: found.get(name) or free.pop(0) for name in names}


def _free_looks(count: int, taken: Mapping[str, Look]) -> list[Look]:
    """Return looks whose pair of colour and dash is not taken, at least as many as lines without a model."""
    pairs = {(look.colour, look.dash) for look in taken.values()}
    made = looks(map(str, range(count + len(taken)))).values()
    return [look for look in made if (look.colour, look.dash) not in pairs] + list(made)
