"""Chapters of the page in the order of the lecture: which ideas, pictures, tables and studies each of them shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradus.reporting import ideas
from gradus.reporting.ideas import Idea
from gradus.reporting.results import Results
from gradus.results.study import Topic

RECURRENT = tuple(kind for idea in ideas.RECURRENCE for kind in idea.kinds)
"""Kinds of recurrent language models."""


@dataclass(frozen=True)
class Chapter:
    """Plan of one chapter of the page."""

    key: str
    """Anchor of the chapter."""
    title: str
    """Heading, a short sentence."""
    applies: Callable[[Results], bool]
    """Function that returns whether the run has what the chapter is about."""
    ideas: Sequence[Idea] = ()
    """Ideas with their formulas."""
    pictures: Sequence[str] = ()
    """Glob patterns of the names of pictures."""
    shown: int = 2
    """Number of pictures that are not folded; two fill a row."""
    tables: Sequence[str] = ()
    """Glob patterns of the names of tables, which are folded."""
    topic: Topic | None = None
    """Topic of the studies that the chapter shows; None for no studies."""
    networks: Sequence[str] = ()
    """Kinds of networks whose perplexities the chapter gives."""


def kinds_of(results: Results) -> set[str]:
    """Return the kinds of all language models; `attention` if a translation model has it."""
    kinds = {model.kind for model in results.ladder.values()}
    return kinds | {"attention" for details in results.mt_details.values() if details.attention}


def _has(*kinds: str) -> Callable[[Results], bool]:
    return lambda results: bool(kinds_of(results) & set(kinds))


def _has_language_models(results: Results) -> bool:
    return bool(results.language_models)


def _has_networks(results: Results) -> bool:
    return bool(results.networks)


CHAPTERS = (
    Chapter("prediction", "What is predicted", _has_language_models, ideas.PREDICTION),
    Chapter(
        "ladder",
        "What each step of the ladder buys",
        _has_language_models,
        ideas.MIXTURES,
        pictures=["ladder", "ladder_*"],
        tables=["ladder", "mixtures"],
    ),
    Chapter(
        "n-grams",
        "Counting: n-grams, and what to do about those never seen",
        lambda results: bool(results.smoothers),
        (*ideas.SMOOTHERS, *ideas.MIXTURES),
        pictures=["orders", "orders_*", "unseen", "entries", "bytes"],
        shown=4,
        tables=["orders", "sparsity", "fitted"],
        topic="ngrams",
    ),
    Chapter(
        "window",
        "Vectors instead of counts: a fixed window",
        _has("ffnn"),
        ideas.WINDOW,
        topic="window",
        networks=["ffnn"],
    ),
    Chapter(
        "recurrence",
        "A memory of all that was read: recurrent networks",
        _has(*RECURRENT),
        ideas.RECURRENCE,
        topic="recurrence",
        networks=RECURRENT,
    ),
    Chapter(
        "training",
        "How networks learn, and how their gradients vanish and explode",
        _has_networks,
        ideas.TRAINING,
        pictures=["loss_lm", "gradient_lm"],
        topic="training",
    ),
    Chapter(
        "attention",
        "Looking back directly: attention",
        _has("transformer"),
        ideas.ATTENTION,
        topic="attention",
        networks=["transformer"],
    ),
    Chapter(
        "adaptation",
        "Learning from the text that is read: cache and dynamic evaluation",
        lambda results: bool(results.adapted),
        ideas.ADAPTATION,
        tables=["adapted"],
    ),
    Chapter(
        "translation",
        "From one language to another",
        lambda results: bool(results.translators),
        ideas.TRANSLATION,
        pictures=["bleu_by_length", "attention_*", "loss_mt", "gradient_mt"],
        tables=["translation"],
        topic="translation",
    ),
    Chapter(
        "decoding",
        "From probabilities to text",
        _has_language_models,
        ideas.DECODING,
        pictures=["repetition"],
        tables=["generation"],
        topic="decoding",
    ),
    Chapter(
        "trust",
        "How sure are these numbers?",
        lambda results: bool(results.studies or results.recipes),
        ideas.TRUST,
        tables=["claims", "studies", "study_*", "recipes"],
        topic="other",
    ),
    Chapter(
        "speed",
        "How fast are the programs?",
        # The committed benchmarks are about the built-in corpus and its models; only it has known floors.
        lambda results: any(model.floors for model in results.language_models.values()),
        tables=[
            "ngram_speed",
            "ngram_opening",
            "ngram_growth",
            "lm_speed",
            "lm_rates",
            "training_speed",
            "chunk_speed",
        ],
    ),
)
