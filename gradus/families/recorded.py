"""Find the recorded score of a model: the file of metrics in the repository that holds the model's folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gradus.errors import InputError
from gradus.model_folders import MODEL_FOLDERS
from gradus.results.files import read_result
from gradus.results.language_model import (
    AdaptedResult,
    LanguageModelResult,
    MixtureResult,
    NetworkResult,
    NgramResult,
)
from gradus.results.score import perplexity
from gradus.results.translation import TranslationResult


@dataclass(frozen=True)
class Identity:
    """Properties that a model and its result share. Models with the same identity can still differ in weights."""

    kind: str | None
    """Smoother, network or mixture of a language model. Results of translation models do not name the network."""
    tokenizers: tuple[str, ...]
    """SHA-256 of the tokenizer, or of the source and the target tokenizer."""
    size: int
    """Number of stored n-grams of the highest order's model, of weights of a network, or of models of a mixture."""


@dataclass(frozen=True)
class RecordedScore:
    """Score of the test text in a file of metrics."""

    corpus: str
    """Corpus of the training and the test text."""
    score: float | None
    """Perplexity, line by line, or BLEU. None if the model's scores are not probabilities."""


def recorded_score(folder: Path, track: Literal["lm", "mt"], identity: Identity) -> RecordedScore | None:
    """Return the score in `metrics/TRACK/NAME.json` of a model in its folder; see `MODEL_FOLDERS`.

    The result is None if the model is elsewhere, or if the file is missing, damaged or about another model.
    """
    place = folder.absolute()
    if "/".join(place.parts[-3:-1]) not in MODEL_FOLDERS[track]:
        return None
    path = place.parents[2] / "metrics" / track / f"{place.name}.json"
    try:
        if track == "mt":
            translation = read_result(path, TranslationResult)
            same = _translation_identity(translation) == identity
            return RecordedScore(translation.corpus, translation.headline.bleu) if same else None
        result: LanguageModelResult = read_result(path, LanguageModelResult)  # type: ignore[arg-type]
    except InputError:
        return None
    same = _identity(result) == identity
    return RecordedScore(result.corpus, perplexity(result.test.get("line"))) if same else None


def _identity(result: LanguageModelResult) -> Identity:
    return Identity(result.kind, (result.tokenizer.sha256,), _size(result))


def _size(result: LanguageModelResult) -> int:
    match result:
        case NgramResult():
            return result.model.entries
        case NetworkResult() | AdaptedResult():
            return result.model.parameters
        case MixtureResult():
            return len(result.model.models)


def _translation_identity(result: TranslationResult) -> Identity:
    sides = (result.tokenizer_src or result.tokenizer, result.tokenizer_tgt or result.tokenizer)
    return Identity(None, tuple(side.sha256 for side in sides if side), result.model.parameters)
