"""Complete the arguments of commands in a shell: folders of models, names of recipes and of tables."""

from collections.abc import Iterable
from pathlib import Path


def complete_models(incomplete: str) -> list[str]:
    """Return the folders of models that begin with an incomplete path: those in `models`, and those beside the path.

    If no folder fits, the shell completes the path itself.
    """
    from gradus.families.catalogue import holds_model

    parent = Path(incomplete).parent if not incomplete.endswith("/") else Path(incomplete)
    places = [*Path("models").glob("*/*"), *parent.glob("*")]
    folders = {str(place) for place in places if holds_model(place)}
    return _matching(folders, incomplete)


def complete_recipes(incomplete: str) -> list[str]:
    """Return the names of recipes that begin with an incomplete word."""
    return _matching((path.stem for path in Path("experiments").glob("*.yaml")), incomplete)


def complete_studies(incomplete: str) -> list[str]:
    """Return the names of studies that begin with an incomplete word."""
    return _matching((path.stem for path in Path("experiments/studies").glob("*.yaml")), incomplete)


def complete_tables(incomplete: str) -> list[str]:
    """Return the names of tables that begin with an incomplete word."""
    return _matching((path.stem for path in Path("metrics/tables").glob("*.md")), incomplete)


def _matching(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
