"""Read the results that the report shows: those of all recipes and studies, and of all models in params.yaml."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gradus.names import require_name
from gradus.results.details import LanguageModelDetails, TranslationDetails
from gradus.results.files import read_result
from gradus.results.language_model import (
    AdaptedResult,
    LanguageModelResult,
    MixtureResult,
    NetworkResult,
    NgramResult,
    StaticResult,
)
from gradus.results.recipe import RecipeResult
from gradus.results.study import StudyResult
from gradus.results.translation import TranslationResult


@dataclass(frozen=True)
class ModelNames:
    """Names of the models, in the order of params.yaml."""

    smoothers: Iterable[str]
    """Names of the n-gram models: the keys of the section `smooth_ngrams`."""
    networks: Iterable[str]
    """Names of the neural language models: the keys of the section `train_lm`."""
    mixtures: Iterable[str]
    """Names of the mixtures of language models: the keys of the section `interpolate`."""
    translators: Iterable[str]
    """Names of the translation models: the keys of the section `train_mt`."""
    adapted: Iterable[str] = ()
    """Names of the networks that adapt to the test text: the keys of the section `adapt_lm`."""


@dataclass(frozen=True)
class Results:
    """All results that the report shows. Models are in the order of params.yaml."""

    smoothers: Mapping[str, NgramResult]
    """Dict from name of an n-gram model to its result."""
    networks: Mapping[str, NetworkResult]
    """Dict from name of a neural language model to its result."""
    mixtures: Mapping[str, MixtureResult]
    """Dict from name of a mixture of language models to its result."""
    translators: Mapping[str, TranslationResult]
    """Dict from name of a translation model to its result."""
    lm_details: Mapping[str, LanguageModelDetails]
    """Dict from name of a language model to its details."""
    mt_details: Mapping[str, TranslationDetails]
    """Dict from name of a translation model to its details."""
    recipes: Mapping[str, RecipeResult]
    """Dict from name of a recipe to its result."""
    studies: Mapping[str, StudyResult]
    """Dict from name of a study to its result."""
    adapted: Mapping[str, AdaptedResult] = field(default_factory=dict)
    """Dict from name of a network that adapts to the test text to its result."""

    @property
    def language_models(self) -> dict[str, StaticResult]:
        """Dict from name of a language model to its result: n-gram models, then networks, then mixtures."""
        return {**self.smoothers, **self.networks, **self.mixtures}

    @property
    def ladder(self) -> dict[str, LanguageModelResult]:
        """Dict from name of a row of the ladder to its result: the language models, then the networks that adapt."""
        return {**self.language_models, **self.adapted}

    @property
    def first_language_model(self) -> StaticResult | None:
        """Result of the first language model; None if there is no language model.

        The facts about the corpus, the tokenizer and the test text are the same in the results of all language models,
        so it is enough to read them from this result.
        """
        return next(iter(self.language_models.values()), None)


def read_results(metrics: Path, names: ModelNames) -> Results:
    """Read the results of the named models and of all recipes and studies. Results of other models are ignored.

    Args:
        metrics: folder with the subfolders `lm/`, `mt/`, `details/`, `recipes/` and `studies/`.
        names: names of the models to read.
    Raises:
        InputError: if a model has no result file, or a value in a file is wrong.
    """
    lm, mt, details = metrics / "lm", metrics / "mt", metrics / "details"
    smoothers = {name: read_result(lm / f"{name}.json", NgramResult) for name in names.smoothers}
    networks = {name: read_result(lm / f"{name}.json", NetworkResult) for name in names.networks}
    mixtures = {name: read_result(lm / f"{name}.json", MixtureResult) for name in names.mixtures}
    language_models = [*smoothers, *networks, *mixtures]
    return Results(
        smoothers,
        networks,
        mixtures,
        {name: read_result(mt / f"{name}.json", TranslationResult) for name in names.translators},
        {name: read_result(details / "lm" / f"{name}.json", LanguageModelDetails) for name in language_models},
        {name: read_result(details / "mt" / f"{name}.json", TranslationDetails) for name in names.translators},
        {name: read_result(path, RecipeResult) for name, path in _named(metrics / "recipes").items()},
        read_studies(metrics / "studies"),
        {name: read_result(lm / f"{name}.json", AdaptedResult) for name in names.adapted},
    )


def read_studies(folder: Path) -> dict[str, StudyResult]:
    """Read the results of all studies in a folder.

    Raises:
        InputError: if a value in a file is wrong.
    """
    return {name: read_result(path, StudyResult) for name, path in _named(folder).items()}


def _named(folder: Path) -> dict[str, Path]:
    """Return a dict from name to result file of all recipes, or of all studies."""
    found = {path.stem: path for path in sorted(folder.glob("*.json"))}
    # The name comes from a file name, which can contain characters that are forbidden in names.
    for name, path in found.items():
        require_name(name, path)
    return found
