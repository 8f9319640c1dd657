"""Results of language models, put together from their scores and their generated texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradus.decoding.records import Record
from gradus.evaluation.bootstrap import read_bootstrap
from gradus.evaluation.language_models.corpus import LanguageModelCorpus
from gradus.evaluation.language_models.generation import score_generation, score_natural_text
from gradus.evaluation.language_models.grammar import grammar_test
from gradus.evaluation.language_models.text_score import Nats, floor_scores, score_contexts, score_lines, with_interval
from gradus.results.language_model import (
    Generation,
    NaturalText,
    NetworkResult,
    NetworkSize,
    NgramOrder,
    NgramResult,
    NgramSize,
)
from gradus.results.subject import Devices


@dataclass(frozen=True)
class LanguageModelInputs:
    """Texts that one language model is measured on."""

    corpus: LanguageModelCorpus
    generated: Mapping[str, Sequence[Record]]
    """Texts that the model generated, by decoding strategy."""
    params: Path
    """File of parameters."""

    def generation(self) -> dict[str, Generation]:
        """Score the generated texts, by decoding strategy."""
        is_grammatical = grammar_test(self.corpus, self.params)
        return {strategy: score_generation(records, is_grammatical) for strategy, records in self.generated.items()}

    def natural_text(self) -> NaturalText:
        """Return the diversity of the test text, in pieces as long as the longest generated text."""
        length = max(len(record.ids) for records in self.generated.values() for record in records)
        return score_natural_text(self.corpus.test.ids.tolist(), length)


@dataclass(frozen=True)
class OrderScores:
    """An n-gram model of one order, and its scores of both texts, line by line."""

    entries: int
    bytes: int
    unseen_share: float
    normalised: bool
    """Whether the scores are probabilities."""
    valid: NDArray[np.float64]
    """Negative log score of every token of the validation text, (n_tokens,)."""
    test: NDArray[np.float64]
    """Negative log score of every token of the test text, (n_tokens,)."""


def ngram_result(
    name: str, kind: str, models: Mapping[int, OrderScores], stored: int, inputs: LanguageModelInputs
) -> NgramResult:
    """Return the result of a smoother.

    Args:
        name: of the model, for messages.
        kind: of the smoother.
        models: by order, ascending.
        stored: n-grams in the model of the highest order, its shorter n-grams included.
        inputs: the corpus and the generated texts.
    Raises:
        RunError: if a model is so far below the floor that it must have seen the test text.
    """
    corpus = inputs.corpus
    orders = {str(order): _score_order(f"{name}, order {order}", model, corpus) for order, model in models.items()}
    highest = max(models)
    score, nats = orders[str(highest)], models[highest].test
    return NgramResult(
        corpus=corpus.name,
        tokenizer=corpus.tokenizer_facts,
        text=corpus.test_facts,
        kind=kind,
        floors=floor_scores(corpus.test),
        model=NgramSize(order=highest, entries=stored, bytes=models[highest].bytes),
        valid={"line": score.valid},
        test=with_interval({"line": score.test}, {"line": nats}, corpus.test, *read_bootstrap(inputs.params)),
        orders=orders,
        generation=inputs.generation(),
        natural_text=inputs.natural_text(),
    )


def _score_order(name: str, model: OrderScores, corpus: LanguageModelCorpus) -> NgramOrder:
    valid, test = (
        score_lines(name, nats, text, normalised=model.normalised)
        for nats, text in ((model.valid, corpus.valid), (model.test, corpus.test))
    )
    return NgramOrder(entries=model.entries, bytes=model.bytes, unseen_share=model.unseen_share, valid=valid, test=test)


@dataclass(frozen=True)
class NetworkScores:
    """A neural language model, and its scores of both texts, by context."""

    kind: str
    """Architecture."""
    parameters: int
    devices: Devices
    valid: Nats
    test: Nats


def network_result(name: str, model: NetworkScores, inputs: LanguageModelInputs) -> NetworkResult:
    """Return the result of a neural language model.

    Args:
        name: of the model, for messages.
        model: its scores.
        inputs: the corpus and the generated texts.
    Raises:
        RunError: if the model is so far below the floor that it must have seen the test text.
    """
    corpus = inputs.corpus
    valid, test = (score_contexts(name, *pair) for pair in ((model.valid, corpus.valid), (model.test, corpus.test)))
    return NetworkResult(
        corpus=corpus.name,
        tokenizer=corpus.tokenizer_facts,
        text=corpus.test_facts,
        kind=model.kind,
        floors=floor_scores(corpus.test),
        model=NetworkSize(parameters=model.parameters),
        device=model.devices,
        valid=valid,
        test=with_interval(test, model.test, corpus.test, *read_bootstrap(inputs.params)),
        generation=inputs.generation(),
        natural_text=inputs.natural_text(),
    )
