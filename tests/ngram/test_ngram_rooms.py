"""The rooms of gradus.ngram: which of them may import which, and what stages and readers reach."""

import pytest

from gradus.pipeline.imports import imports, is_under, modules, reached

MAY_IMPORT = {
    "counting": set(),
    "scoring": set(),
    "smoothing": {"counting", "scoring"},
    "arpa": {"counting", "scoring"},
}
"""Other rooms that each room may import; every room may import the modules beside the rooms."""


def room(module: str) -> str | None:
    """Return the room of a module of gradus.ngram, or None."""
    return next((name for name in MAY_IMPORT if is_under(module, f"gradus.ngram.{name}")), None)


@pytest.mark.parametrize("module", [module for module in modules() if is_under(module, "gradus.ngram")])
def test_a_room_imports_only_the_rooms_that_it_may(module: str) -> None:
    own = room(module)
    rooms = {other for name in imports(module) if (other := room(name)) and other != own}
    assert rooms <= (MAY_IMPORT[own] if own else set())


@pytest.mark.parametrize(
    ("module", "rooms"),
    [
        ("stages.count_ngrams", {"counting"}),
        ("stages.smooth_ngrams", {"counting", "scoring", "smoothing"}),
        ("gradus.families.ngrams", {"scoring"}),
        ("gradus.ngram.scoring.step", {"scoring"}),
    ],
)
def test_a_program_reaches_only_the_rooms_that_it_needs(module: str, rooms: set[str]) -> None:
    assert {other for name in reached(module) if (other := room(name))} == rooms
