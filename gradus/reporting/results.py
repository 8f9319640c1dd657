"""What the pipeline measured, read from the metric files of the models that params.yaml names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradus.artifacts.json_files import read_json

Metrics = Mapping[str, Any]

CONTEXTS = ("line", "stream")
"""How a language model reads a text: every line by itself, or the text as one."""


@dataclass(frozen=True)
class Results:
    """Metric files and details by model name, in the order of params.yaml."""

    smoothers: Mapping[str, Metrics]
    networks: Mapping[str, Metrics]
    translators: Mapping[str, Metrics]
    details: Mapping[str, Metrics]
    """What is no scalar, by model: training history, sample texts, attention weights."""
    recipes: Mapping[str, Metrics]

    @property
    def language_models(self) -> dict[str, Metrics]:
        """Every language model, n-grams first."""
        return {**self.smoothers, **self.networks}


def read_results(metrics: Path, params: Mapping[str, Iterable[str]]) -> Results:
    """Read the metrics of every model that the parameters name; other files in the folders are left alone.

    Args:
        metrics: folder with `lm/`, `mt/`, `details/` and `recipes/`.
        params: names under `smooth_ngrams`, `train_lm` and `train_mt`.
    Raises:
        InputError: if a model has no metrics yet.
    """
    smoothers = {name: read_json(metrics / "lm" / f"{name}.json") for name in params["smooth_ngrams"]}
    networks = {name: read_json(metrics / "lm" / f"{name}.json") for name in params["train_lm"]}
    translators = {name: read_json(metrics / "mt" / f"{name}.json") for name in params["train_mt"]}
    details = {f"lm/{name}": read_json(metrics / "details" / "lm" / f"{name}.json") for name in smoothers | networks}
    details |= {f"mt/{name}": read_json(metrics / "details" / "mt" / f"{name}.json") for name in translators}
    recipes = {path.stem: read_json(path) for path in sorted((metrics / "recipes").glob("*.json"))}
    return Results(smoothers, networks, translators, details, recipes)


def get(metrics: Metrics, key: str) -> Any:
    """Return the value under a dotted key, or None where there is none."""
    value: Any = metrics
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value


def perplexity(score: Metrics | None) -> float | None:
    """Return a score's perplexity: infinite where a token had probability zero, None where there is none."""
    if score is None:
        return None
    if score.get("zero_tokens"):
        return float("inf")
    return score.get("perplexity")


def better_context(scores: Metrics) -> str | None:
    """Return the context of the lower perplexity, None where no context has any.

    Args:
        scores: a model's scores of one text, by context.
    """
    found = {c: value for c in CONTEXTS if (value := perplexity(get(scores, c))) is not None}
    return min(found, key=found.__getitem__, default=None)
