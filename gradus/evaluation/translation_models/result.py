"""Assemble the result of a translation model from its scores and its translations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.decoding.records import Record
from gradus.evaluation.cross_entropy import Tally, make_score
from gradus.evaluation.translation_models.corpus import TranslationCorpus
from gradus.evaluation.translation_models.translations import EvaluateMTConfig, score_strategy
from gradus.interfaces.teacher_forcing import TeacherForced
from gradus.results.details import TranslatedSentence
from gradus.results.files import as_json
from gradus.results.language_model import NetworkSize
from gradus.results.subject import Devices
from gradus.results.translation import TeacherForcedScore, TranslationResult

_SAMPLES = 3  # number of sentences that the report shows


@dataclass(frozen=True)
class TranslatorScores:
    """Size of a translation model, and the negative log-probability of the references under the model."""

    parameters: int
    """Number of weights."""
    devices: Devices
    """Devices that trained the model and scored the references."""
    forced: TeacherForced
    """Negative log-probability of the references with teacher forcing, and counts of all tokens and of tokens
    that the model predicted correctly."""


def translation_result(
    model: TranslatorScores,
    translations: Mapping[str, Sequence[Record]],
    statistics: Mapping[str, NDArray[np.int64]],
    corpus: TranslationCorpus,
    config: EvaluateMTConfig,
) -> TranslationResult:
    """Return the result of a translation model.

    Args:
        model: size of the model, and the negative log-probability of the references.
        translations: dict from decoding strategy to the translations, one per test sentence.
        statistics: dict from decoding strategy to the BLEU statistics of the translations, shape (n_sentences, 10).
        corpus: the test text.
        config: section `evaluate_mt` of params.yaml.
    """
    return TranslationResult(
        corpus=corpus.name,
        src=corpus.languages[0],
        tgt=corpus.languages[1],
        tokenizer=corpus.tokenizers.get("tokenizer"),
        tokenizer_src=corpus.tokenizers.get("tokenizer.src"),
        tokenizer_tgt=corpus.tokenizers.get("tokenizer.tgt"),
        text=corpus.facts,
        model=NetworkSize(parameters=model.parameters),
        device=model.devices,
        teacher_forced=score_references(model.forced),
        strategies={
            strategy: score_strategy(records, statistics[strategy], corpus, config)
            for strategy, records in translations.items()
        },
    )


def score_references(forced: TeacherForced) -> TeacherForcedScore:
    """Compute cross-entropy and token accuracy of a model that reads the references with teacher forcing."""
    score = make_score(Tally(forced.nll_nats, forced.n_tokens, 0))
    # The values are copied by key, so that a new key of Score needs no change here.
    return TeacherForcedScore(**as_json(score), token_accuracy=forced.n_right / forced.n_tokens)


def first_sentences(
    translations: Mapping[str, Sequence[Record]], corpus: TranslationCorpus
) -> list[TranslatedSentence]:
    """Return the first test sentences with their translations by the first strategy, for the report."""
    records = next(iter(translations.values()), [])
    rows = zip(corpus.src[:_SAMPLES], records, corpus.tgt, strict=False)
    return [TranslatedSentence(source=src, hypothesis=record.text, reference=tgt) for src, record, tgt in rows]
