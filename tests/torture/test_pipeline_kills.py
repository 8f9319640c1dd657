"""The pipeline is stopped at random moments; what it makes in the end is what it makes undisturbed."""

import pytest

from tests.torture.pipeline import torture

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]  # beside another pipeline, both crawl


def test_killed_runs_end_with_the_same_bytes() -> None:
    tally = torture(kills=4, seed=7)
    assert sum(tally.kills.values()) == 4 and tally.compared >= 1
    assert not tally.lost, "\n".join(tally.lost)
