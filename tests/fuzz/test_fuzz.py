"""No file brings a reader to anything but the right answer or one line: past failures, and fresh cases."""

import json
from pathlib import Path

import pytest

from tests.fuzz.runner import Job, Outcome, run
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.xdist_group("fuzz")
CORPUS = json.loads(Path(__file__).with_name("corpus.json").read_text())
"""Cases that once failed, by target; `python -m tests.fuzz` prints where it keeps new ones."""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """What came of all targets, read by as few processes as possible: importing torch takes longer than most."""
    return run([Job(name, CORPUS.get(name, []), seed=1, cases=target.cases) for name, target in TARGETS.items()])


def test_the_corpus_is_of_known_targets() -> None:
    assert set(CORPUS) <= set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_a_file_gives_the_right_answer_or_one_line(outcomes: dict[str, Outcome], name: str) -> None:
    outcome = outcomes[name]
    assert outcome.failures == []
    assert outcome.counts["cases"] == TARGETS[name].cases + len(CORPUS.get(name, []))


FAULT = {"resealed": False, "mutations": [["splice", "file.txt", 0, 5, ""]]}
NO_FAULT = {"resealed": False, "mutations": [["extra", "other.txt", "x"]]}
KINDS = ("crash", "hang", "memory", "exception", "long", "wrong", "output")


def test_the_fuzzer_finds_what_it_is_to_find() -> None:
    """Each case is followed by one without fault, which must be read whatever became of the one before."""
    jobs = [Job(name, [FAULT, NO_FAULT]) for name in (*KINDS, "other", "refused")]
    outcomes = run(jobs, "tests.fuzz.broken:TARGETS", limit=2)
    found = {name: [failure["kind"] for failure in outcome.failures] for name, outcome in outcomes.items()}
    assert found == {**{kind: [kind] for kind in KINDS}, "other": ["wrong"], "refused": []}
    assert all(outcome.counts["cases"] == 2 and outcome.counts["answered"] == 1 for outcome in outcomes.values())
    assert outcomes["crash"].failures[0]["mutations"] == FAULT["mutations"]


def test_a_recorded_case_that_changes_nothing_is_told() -> None:
    idle = {"resealed": False, "mutations": [["splice", "gone.txt", 0, 5, ""]]}
    (failure,) = run([Job("other", [idle])], "tests.fuzz.broken:TARGETS")["other"].failures
    assert failure["kind"] == "idle"
