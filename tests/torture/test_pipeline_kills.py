"""A pipeline that is killed at random moments finally gives the same outputs as an uninterrupted one."""

import pytest

from tests.torture.pipeline import torture

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]  # two pipelines at once are very slow


def test_killed_runs_end_with_the_same_bytes() -> None:
    tally = torture(kills=4, seed=7)
    assert sum(tally.kills.values()) == 4 and tally.compared >= 1
    assert not tally.lost, "\n".join(tally.lost)
