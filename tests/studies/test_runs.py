"""Collecting a run's results from the clone in which it ran, and keeping them in the result file."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_cases import ORIGIN, run, study

from gradus.artifacts.places import new_folder
from gradus.errors import InputError
from gradus.evaluation.language_models.line_scores import LINE_SCORES, LineScores, write_line_scores
from gradus.studies.definition import Study
from gradus.studies.run import require_equal_weights
from gradus.studies.runs import RunFacts, StudyRun, block_starts, collect, is_complete, read_study_runs

FACTS = RunFacts("text", 4, ORIGIN, 2.5)
BLOCK = 2
MODELS = ["one", "two"]
LINE = {"sentence": "a", "better": "one", "worse": ["two"], "loss": "line"}
CONTEXTS = LINE | {"loss": "measured.contexts.blocks_seen"}
MEASURED = {"sentence": "b", "larger": "one.measured.memory.costs.1", "than": ["two.test.line.perplexity"], "unit": "u"}


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def write_scores(copy: Path, model: str, nats: list[float], *, zero: bool = False) -> None:
    """Write per-line scores in the context `line`, with 10, 11, 12, ... tokens in the lines."""
    zeros = np.array([zero, *[False] * (len(nats) - 1)], dtype=np.int64)
    scores = LineScores("text", "tokenizer", 10 + np.arange(len(nats)), {"line": np.array(nats)}, {"line": zeros})
    with new_folder(copy / "data/scores/lm" / model, LINE_SCORES) as folder:
        write_line_scores(folder, scores)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with what a run leaves of two models: metrics, measurements and per-line scores of five lines."""
    for number, model in enumerate(MODELS):
        score = {"line": {"perplexity": 20.0 + number, "zero_tokens": 0}}
        metrics = {"model": {"parameters": 1000 + 40 * number}, "test": score, "good": True, "kind": "gru"}
        write_json(tmp_path / f"metrics/lm/{model}.json", metrics)
        write_json(tmp_path / f"data/measured/lm/{model}/memory.json", {"costs": [0.5, 0.25 + number], "nats": 3})
        blocks = {"blocks_seen_nats": [30.0, 40.0], "blocks_seen_tokens": [10, 12]}
        write_json(tmp_path / f"data/measured/lm/{model}/contexts.json", blocks)
        write_scores(tmp_path, model, [30.0, 31.0, 32.0, 33.0, 34.0 + number])
    return tmp_path


def collected(copy: Path, own: Study) -> StudyRun:
    return collect(copy, own, {"evaluate_lm": {"block": BLOCK}}, FACTS)


def test_a_run_keeps_what_the_study_names(copy: Path) -> None:
    columns = {"weights": "model.parameters", "bits": "measured.memory.nats", "absent in two": "only.one"}
    write_json(
        copy / "metrics/lm/one.json", json.loads((copy / "metrics/lm/one.json").read_text()) | {"only": {"one": 7}}
    )
    found = collected(copy, study(MEASURED, LINE, CONTEXTS, models=MODELS, columns=columns))
    assert (found.seed, found.origin, found.minutes) == (4, ORIGIN, 2.5)
    assert found.values == {
        "one": {"measured.memory.costs.1": 0.25, "measured.memory.nats": 3, "model.parameters": 1000, "only.one": 7},
        "two": {"test.line.perplexity": 21.0, "measured.memory.nats": 3, "model.parameters": 1040},
    }
    # Blocks of two lines, and the last one takes the fifth line, too: 30 + 31 and 32 + 33 + 35 nats.
    two = found.losses["two"]
    assert (two["line"].nats, two["line"].tokens) == ([61.0, 100.0], [21, 39])
    assert two["measured.contexts.blocks_seen"].nats == [30.0, 40.0]


@given(st.integers(2, 400), st.integers(1, 90))
def test_blocks_sum_every_line_once(lines: int, block: int) -> None:
    starts = block_starts(lines, block)
    counts = np.add.reduceat(np.ones(lines), starts)
    assert starts[0] == 0 and len(starts) >= 2 and counts.sum() == lines
    assert len(starts) == max(2, lines // block)
    assert counts.min() >= 1 and counts.max() < 2 * block + 1
    assert set(counts[:-1]) == {min(block, lines // 2)}


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (MEASURED | {"larger": "one.measured.memory.costs.2"}, "one.measured.memory.costs.2: expected a number"),
        (MEASURED | {"larger": "one.measured.speed.x"}, "one.measured.speed.x: expected a number in the results"),
        (MEASURED | {"larger": "one.good.x"}, "one.good.x: expected a number in the results, found nothing"),
        (MEASURED | {"larger": "one.kind.x"}, "found nothing; correct the path in the study, or the stages"),
        (LINE | {"loss": "stream"}, "one, context stream: expected finite scores of the test text, found no such"),
        (
            LINE | {"loss": "measured.contexts.blocks_new"},
            "one.measured.contexts.blocks_new: expected a loss in blocks",
        ),
        (LINE | {"loss": "measured.memory"}, "one.measured.memory: expected a loss in blocks of lines, found nothing"),
    ],
)
def test_a_missing_quantity_is_refused(copy: Path, claim: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        collected(copy, study(claim, models=MODELS))


def test_a_flag_is_not_a_number(copy: Path) -> None:
    with pytest.raises(InputError, match="columns: good: expected a number of at least one model, found nothing"):
        collected(copy, study(LINE, models=MODELS, columns={"good": "good"}))


def test_an_infinite_loss_is_refused(copy: Path) -> None:
    write_scores(copy, "two", [30.0] * 5, zero=True)
    with pytest.raises(InputError, match="two, context line: .* found a token with probability zero; compare other"):
        collected(copy, study(LINE, models=MODELS))


def test_a_text_of_one_line_has_no_blocks(copy: Path) -> None:
    for model in MODELS:
        write_scores(copy, model, [30.0])
    with pytest.raises(InputError, match="one: test text: expected at least two lines, found one line"):
        collected(copy, study(LINE, models=MODELS))


def test_a_run_is_complete_if_it_has_all_that_the_study_names_now(copy: Path) -> None:
    own = study(MEASURED, LINE, models=MODELS, columns={"weights": "model.parameters"})
    found = collected(copy, own)
    assert is_complete(own, "text", found)
    assert is_complete(study(LINE, models=["two", "one"]), "text", found)  # fewer quantities
    plots = {"p": {"x": "x", "y": "y", "lines": {"line": {"points": {"one.a": 1}}}}}
    for other in (
        study(MEASURED, LINE | {"loss": "stream"}, models=MODELS),
        study(MEASURED | {"larger": "two.measured.memory.costs.1"}, LINE, models=MODELS),
        study(LINE, models=MODELS, columns={"nats": "measured.memory.nats"}),
        study(LINE, models=[*MODELS, "three"]),
        study(LINE, models=MODELS, plots=plots),
    ):
        assert not is_complete(other, "text", found)


@pytest.mark.parametrize(("largest", "accepted"), [(1050, True), (1051, False)])
def test_equal_weights_differ_by_at_most_five_per_cent(largest: int, accepted: bool) -> None:
    own = study(LINE, models=MODELS, equal_weights=MODELS)
    weights = {"one": {"model.parameters": 1000}, "two": {"model.parameters": largest}}
    if accepted:
        require_equal_weights(own, run(1, weights))
        return
    message = "equal_weights: expected numbers of weights that differ by at most 5%, found one 1000, two 1051; change"
    with pytest.raises(InputError, match=message):
        require_equal_weights(own, run(1, weights))


def test_equal_weights_of_a_model_without_weights_are_refused(copy: Path) -> None:
    write_json(copy / "metrics/lm/two.json", {"model": {"entries": 4}})
    with pytest.raises(InputError, match="two.model.parameters: expected a number in the results, found nothing"):
        collected(copy, study(LINE, models=MODELS, equal_weights=MODELS))


def test_kept_runs_are_read_as_they_were(copy: Path) -> None:
    found = collected(copy, study(MEASURED, LINE, models=MODELS))
    path = copy / "result.json"
    assert read_study_runs(path) == {}
    path.write_text(json.dumps({"corpora": {"text": [asdict(found)]}}))
    assert read_study_runs(path) == {"text": [found]}


@pytest.mark.parametrize("content", ['{"corpora": {"text": [{"seed": 1}]}}', "{}", '{"corpora": []}'])
def test_a_file_that_is_no_result_is_refused_and_may_be_moved_away(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(InputError, match=r"a.json: corpora.*; move the file away"):
        read_study_runs(tmp_path / "a.json")
