"""Headline metric of a model, and its deviation over seeds."""

import math
from pathlib import Path
from typing import Any

import pytest
from result_cases import ZERO, network, score, strategy, translator

from gradus.params import read_params
from gradus.results.files import as_json, parse_result
from gradus.results.recipe import RecipeResult
from gradus.results.score import Score
from gradus.review.headline import Headline, headline_of, value_of
from gradus.review.policy import CIConfig, deviation_of, read_policy
from gradus.review.sides import Model, Result, Side

LM, MT = Model("lm", "a"), Model("mt", "a")
UNNORMALISED = Score(tokens=9, zero_tokens=0, mean_score_nats=2.0)


@pytest.mark.parametrize(
    ("result", "headline", "value"),
    [
        (network({"line": score(5.0), "stream": score(4.0)}), ("perplexity", "stream"), 4.0),
        (network({"line": score(5.0)}), ("perplexity", "line"), 5.0),
        (network({"line": ZERO}), ("zero_tokens", "line"), 7.0),
        (network({"line": UNNORMALISED}), ("pseudo_perplexity", "line"), math.exp(2.0)),
        (translator({"greedy": strategy(1.0), "beam": strategy(2.0)}), ("bleu", "beam"), 2.0),
        (translator({"greedy": strategy(0.0)}), ("bleu", "greedy"), 0.0),
    ],
)
def test_a_model_has_one_headline(result: Result, headline: Any, value: float) -> None:
    assert headline_of(result) == Headline(*headline)
    assert value_of(Headline(*headline), result) == value


@pytest.mark.parametrize(
    "score",
    [Score(tokens=9, zero_tokens=0), Score(tokens=9, zero_tokens=0, mean_score_nats=1e9)],
)
def test_a_score_without_numbers_has_no_headline(score: Score) -> None:
    assert headline_of(network({"line": score})) is None
    assert headline_of(network({})) is None


@pytest.mark.parametrize(
    "metrics",
    [{}, {"test": 5}, {"test": {"line": 5}}, {"test": {"line": {"perplexity": "5"}}}, {"strategies": []},
     {"strategies": {"beam": 5}}, {"strategies": {"beam": {"bleu": "5"}}}, {"test": {"line": {"perplexity": True}}}],
)  # fmt: skip
def test_odd_metrics_are_no_result(metrics: dict[str, Any]) -> None:
    for model, valid in ((LM, network({"line": score(5.0)})), (MT, translator({"beam": strategy(1.0)}))):
        side = Side({}, {model: metrics and as_json(valid) | metrics}, {})
        assert side.result(model) is None or not set(metrics) & set(as_json(valid))
    assert Side({}, {}, {}).result(LM) is None


def test_a_perplexity_becomes_infinite_with_its_first_zero() -> None:
    assert value_of(Headline("perplexity", "line"), network({"line": ZERO})) == math.inf


def test_deviations_are_in_the_unit_of_the_tolerance() -> None:
    def side(value: float) -> dict[str, Any]:
        numbers = {"perplexity": value, "mean_score_nats": value}
        return {"lm": {"a": {"test": {"line": numbers}}}, "mt": {"a": {"strategies": {"beam": {"bleu": value}}}}}

    values = {"seeds": [1, 2], "deviation": side(0.5), "mean": side(20.0)}
    measured = parse_result(values, "recipe", RecipeResult, remedy="")
    assert deviation_of(measured, LM, Headline("perplexity", "line"), "relative") == 0.025
    assert deviation_of(measured, LM, Headline("pseudo_perplexity", "line"), "relative") == 0.5
    assert deviation_of(measured, MT, Headline("bleu", "beam"), "absolute") == 0.5
    assert deviation_of(measured, LM, Headline("perplexity", "stream"), "relative") is None
    assert deviation_of(None, MT, Headline("bleu", "beam"), "absolute") is None


def test_the_shipped_files_are_read() -> None:
    policy = read_policy()
    assert policy.perplexity.better == "lower" and policy.bleu.better == "higher"
    assert policy.perplexity.tolerance < 0.02 and policy.bleu.tolerance < 4.0  # what the gate must find
    assert policy.deviation_factor == pytest.approx(1.96 * math.sqrt(2), abs=0.03)
    assert 0.0 < read_params(Path("params.yaml"), "ci", CIConfig).tolerance < policy.perplexity.tolerance
