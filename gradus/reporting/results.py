"""What the pipeline measured, read from the metric files of the models that params.yaml names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradus.names import require_name
from gradus.reporting.schema import Details, LanguageModel, NgramModel, Recipe, TranslationModel, read_checked

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
        InputError: if a model has no metrics yet, or a file is not as its schema says.
    """

    def read(folder: str, names: Iterable[str], schema: Any) -> dict[str, Metrics]:
        return {name: read_checked(metrics / folder / f"{name}.json", schema) for name in names}

    smoothers = read("lm", params["smooth_ngrams"], NgramModel)
    networks = read("lm", params["train_lm"], LanguageModel)
    translators = read("mt", params["train_mt"], TranslationModel)
    details = {f"lm/{name}": found for name, found in read("details/lm", smoothers | networks, Details).items()}
    details |= {f"mt/{name}": found for name, found in read("details/mt", translators, Details).items()}
    recipes = sorted((metrics / "recipes").glob("*.json"))
    for path in recipes:
        require_name(path.stem, path)
    return Results(smoothers, networks, translators, details, read("recipes", [path.stem for path in recipes], Recipe))


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


def headline_strategy(metrics: Metrics) -> str:
    """Return `beam`, or the first strategy where there is none: chosen by name, for the test text selects nothing."""
    strategies: Mapping[str, Metrics] = metrics["strategies"]
    return "beam" if "beam" in strategies else next(iter(strategies))
