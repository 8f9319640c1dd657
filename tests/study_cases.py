"""Small made-up studies, runs and results."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradus.params import validated
from gradus.pipeline.origin import Origin
from gradus.results.study import Cell, Estimate, Point, StudyClaim, StudyPlot, StudyResult, StudyRow
from gradus.studies.definition import Study
from gradus.studies.runs import BlockSums, StudyRun, Value

ORIGIN = Origin(
    commit="c",
    code="k",
    parameters="p",
    device="cpu",
    numerics="portable",
    versions={"torch": "2"},
    machine={"system": "Linux x86_64"},
)


def study(*claims: Mapping[str, Any], **changes: Any) -> Study:
    """Return a study of the models `one`, `two` and `three` on the corpus `text` with seeds 1 to 3."""
    values = {
        "question": "Which is better?",
        "equal": "all but the model",
        "formula": "a / b",
        "code": "gradus/training/lm.py",
        "stages": ["evaluate_lm"],
        "models": ["one", "two", "three"],
        "corpora": {"text": {"seeds": [1, 2, 3]}},
        "claims": list(claims),
    }
    return validated(values | changes, "study: ", Study)


def run(
    seed: int,
    values: Mapping[str, Mapping[str, Value]] | None = None,
    losses: Mapping[str, Sequence[float]] | None = None,
    tokens: Sequence[int] = (10, 10),
) -> StudyRun:
    """Return a run; `losses` is a dict from model to its nats in each block, in the context `line`."""
    sums = {model: {"line": BlockSums(nats=list(nats), tokens=list(tokens))} for model, nats in (losses or {}).items()}
    found = {model: dict(numbers) for model, numbers in (values or {}).items()}
    return StudyRun(seed=seed, origin=ORIGIN, minutes=1.5, values=found, losses=sums)


def estimate(effect: float, p_value: float) -> Estimate:
    return Estimate(
        corpus="text",
        effect=effect,
        low=effect - 0.1,
        high=effect + 0.1,
        p_value=p_value,
        exact=False,
        seeds=[1, 2, 3],
        blocks=20,
        rival="two",
        values={"perplexity of one (line)": 20.0, "perplexity of two (line)": 25.0},
    )


def claim(
    *estimates: Estimate, sentence: str = "One is better.", margin: float = 0.0, ratio: bool = False
) -> StudyClaim:
    return StudyClaim(sentence=sentence, unit="nats per token", margin=margin, ratio=ratio, estimates=list(estimates))


def result(*claims: StudyClaim) -> StudyResult:
    """Return the result of a study with a plot and a table."""
    points = [Point(x=1.0, y=20.0, low=19.0, high=21.5), Point(x=2.0, y=15.0, low=15.0, high=15.0)]
    plot = StudyPlot(corpus="text", x="window", y="perplexity", log_x=True, log_y=True, lines={"one line": points})
    cells = {"perplexity": Cell(mean=20.0, deviation=0.25), "weights": Cell(mean=4321.0)}
    return StudyResult(
        question="Which is better?",
        equal="all but the model",
        formula="a / b",
        code="gradus/training/lm.py",
        minutes={"text": 12.3},
        claims=list(claims),
        plots={"window": [plot]},
        rows=[StudyRow(corpus="text", model="one", cells=cells), StudyRow(corpus="text", model="two", cells={})],
    )


def shown_study() -> StudyResult:
    """Return a result with every kind of claim that the report shows."""
    exact = replace(estimate(0.7, 0.0), exact=True, blocks=None, values={"one.x": 1.7, "two.x": 1.0})
    return result(
        replace(claim(estimate(0.2, 0.001), margin=0.05), replications=[estimate(0.3, 0.002)]),
        claim(estimate(0.01, 0.6), sentence="Nothing <b>is</b> sure."),
        claim(exact, sentence="It grows.", ratio=True),
    )
