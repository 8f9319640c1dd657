"""Which number stands for a model, and how far it moves with the seed."""

import math
from pathlib import Path
from typing import Any

import pytest

from gradus.params import read_params
from gradus.review.headline import Headline, headline_of, value_of
from gradus.review.policy import CIConfig, deviation_of, read_policy
from gradus.review.sides import Model

LM, MT = Model("lm", "a"), Model("mt", "a")


@pytest.mark.parametrize(
    ("model", "metrics", "headline", "value"),
    [
        (LM, {"test": {"line": {"perplexity": 5.0}, "stream": {"perplexity": 4.0}}}, ("perplexity", "stream"), 4.0),
        (LM, {"test": {"line": {"perplexity": 5.0, "zero_tokens": 0}}}, ("perplexity", "line"), 5.0),
        (LM, {"test": {"line": {"zero_tokens": 3, "tokens": 9}}}, ("zero_tokens", "line"), 3.0),
        (LM, {"test": {"line": {"mean_score_nats": 2.0}}}, ("pseudo_perplexity", "line"), math.exp(2.0)),
        (MT, {"strategies": {"greedy": {"bleu": 1.0}, "beam": {"bleu": 2.0}}}, ("bleu", "beam"), 2.0),
        (MT, {"strategies": {"greedy": {"bleu": 0.0}}}, ("bleu", "greedy"), 0.0),
    ],
)
def test_a_model_has_one_headline(model: Model, metrics: dict[str, Any], headline: Any, value: float) -> None:
    assert headline_of(model, metrics) == Headline(*headline)
    assert value_of(Headline(*headline), metrics) == value


@pytest.mark.parametrize(
    "metrics",
    [{}, {"test": 5}, {"test": {"line": 5}}, {"test": {"line": {"perplexity": "5"}}}, {"strategies": []},
     {"strategies": {"beam": 5}}, {"strategies": {"beam": {"bleu": "5"}}}, {"test": {"line": {"perplexity": True}}},
     {"test": {"line": {"mean_score_nats": 1e9}}}],
)  # fmt: skip
def test_odd_metrics_have_none(metrics: dict[str, Any]) -> None:
    assert headline_of(LM, metrics) is None and headline_of(MT, metrics) is None


def test_a_perplexity_becomes_infinite_with_its_first_zero() -> None:
    assert value_of(Headline("perplexity", "line"), {"test": {"line": {"zero_tokens": 1}}}) == math.inf


def test_deviations_are_in_the_unit_of_the_tolerance() -> None:
    def recipe(part: float, mean: float) -> dict[str, Any]:
        def side(value: float) -> dict[str, Any]:
            card = {"perplexity": value, "mean_score_nats": value}
            return {"lm": {"a": {"test": {"line": card}}}, "mt": {"a": {"strategies": {"beam": {"bleu": value}}}}}

        return {"deviation": side(part), "mean": side(mean)}

    measured = recipe(0.5, 20.0)
    assert deviation_of(measured, LM, Headline("perplexity", "line"), "relative") == 0.025
    assert deviation_of(measured, LM, Headline("pseudo_perplexity", "line"), "relative") == 0.5
    assert deviation_of(measured, MT, Headline("bleu", "beam"), "absolute") == 0.5
    assert deviation_of(measured, LM, Headline("perplexity", "stream"), "relative") is None
    assert deviation_of({}, MT, Headline("bleu", "beam"), "absolute") is None


def test_the_shipped_files_are_read() -> None:
    policy = read_policy()
    assert policy.perplexity.better == "lower" and policy.bleu.better == "higher"
    assert policy.perplexity.tolerance < 0.02 and policy.bleu.tolerance < 4.0  # what the gate must find
    assert policy.deviation_factor == pytest.approx(1.96 * math.sqrt(2), abs=0.03)
    assert 0.0 < read_params(Path("params.yaml"), "ci", CIConfig).tolerance < policy.perplexity.tolerance
