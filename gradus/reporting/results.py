"""Results of all models that params.yaml names, read from metrics/."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gradus.names import require_name
from gradus.results.details import LanguageModelDetails, TranslationDetails
from gradus.results.files import read_result
from gradus.results.language_model import LanguageModelResult, NetworkResult, NgramResult
from gradus.results.recipe import RecipeResult
from gradus.results.translation import TranslationResult


@dataclass(frozen=True)
class ModelNames:
    """Names of the models in params.yaml, in its order."""

    smoothers: Iterable[str]
    networks: Iterable[str]
    translators: Iterable[str]


@dataclass(frozen=True)
class Results:
    """Results by the name of the model or recipe; models are in the order of params.yaml."""

    smoothers: Mapping[str, NgramResult]
    networks: Mapping[str, NetworkResult]
    translators: Mapping[str, TranslationResult]
    lm_details: Mapping[str, LanguageModelDetails]
    mt_details: Mapping[str, TranslationDetails]
    recipes: Mapping[str, RecipeResult]

    @property
    def language_models(self) -> dict[str, LanguageModelResult]:
        """Results of every language model, n-grams first."""
        return {**self.smoothers, **self.networks}

    @property
    def first_language_model(self) -> LanguageModelResult | None:
        """Result of the first language model; all have the same corpus, tokenizer and test text."""
        return next(iter(self.language_models.values()), None)


def read_results(metrics: Path, names: ModelNames) -> Results:
    """Read the results of the named models, and of every recipe. Other files are ignored.

    Args:
        metrics: folder with `lm/`, `mt/`, `details/` and `recipes/`.
        names: of the models.
    Raises:
        InputError: if a model has no results yet, or a file has a wrong value.
    """
    lm, mt, details = metrics / "lm", metrics / "mt", metrics / "details"
    smoothers = {name: read_result(lm / f"{name}.json", NgramResult) for name in names.smoothers}
    networks = {name: read_result(lm / f"{name}.json", NetworkResult) for name in names.networks}
    recipes = {path.stem: path for path in sorted((metrics / "recipes").glob("*.json"))}
    for name, path in recipes.items():
        require_name(name, path)
    return Results(
        smoothers,
        networks,
        {name: read_result(mt / f"{name}.json", TranslationResult) for name in names.translators},
        {name: read_result(details / "lm" / f"{name}.json", LanguageModelDetails) for name in [*smoothers, *networks]},
        {name: read_result(details / "mt" / f"{name}.json", TranslationDetails) for name in names.translators},
        {name: read_result(path, RecipeResult) for name, path in recipes.items()},
    )
