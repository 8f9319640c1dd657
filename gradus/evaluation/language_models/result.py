"""Assemble the result of a language model from its scores and its generated texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.decoding.records import Record
from gradus.evaluation.bootstrap import read_bootstrap
from gradus.evaluation.language_models.corpus import LanguageModelCorpus
from gradus.evaluation.language_models.examples import example_lines
from gradus.evaluation.language_models.generation import first_texts, score_generation, score_natural_text
from gradus.evaluation.language_models.grammar import grammar_nats
from gradus.evaluation.language_models.text_score import Nats, floor_scores, score_contexts, score_lines, with_interval
from gradus.results.details import FittedByOrder, HistoryRow, LanguageModelDetails
from gradus.results.language_model import (
    AdaptedNetwork,
    AdaptedResult,
    Generation,
    MixtureModels,
    MixtureResult,
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
    """Inputs of the evaluation of one language model: corpus, generated texts, parameters."""

    corpus: LanguageModelCorpus
    """Validation text, test text and tokenizer."""
    generated: Mapping[str, Sequence[Record]]
    """Dict from decoding strategy to the texts that the model generated."""
    params: Path
    """Path of params.yaml."""

    def generation(self) -> dict[str, Generation]:
        """Return a dict from decoding strategy to measurements of the texts that the strategy generated."""
        nats = grammar_nats(self.corpus, self.params)
        return {strategy: score_generation(records, nats) for strategy, records in self.generated.items()}

    def natural_text(self) -> NaturalText:
        """Measure the test text, cut into pieces as long as the longest generated text."""
        length = max(len(record.ids) for records in self.generated.values() for record in records)
        return score_natural_text(self.corpus.test, length)

    def details(
        self,
        nats: NDArray[np.float64] | None,
        *,
        history: Sequence[HistoryRow] = (),
        fitted: FittedByOrder | None = None,
    ) -> LanguageModelDetails:
        """Return samples of texts and scores, and what is known about the training of the model.

        Args:
            nats: negative log-probability of every token of the test text, read line by line, nats, shape (n_tokens,);
                None if the scores of the model are not probabilities.
            history: training history of a network.
            fitted: parameters of a smoother.
        """
        corpus = self.corpus
        return LanguageModelDetails(
            texts=first_texts(self.generated),
            examples=[] if nats is None else example_lines(nats, corpus.test, corpus.tokenizer),
            history=list(history),
            fitted=fitted or {},
        )


@dataclass(frozen=True)
class OrderScores:
    """Size of an n-gram model of one order, and the model's scores of the validation text and the test text."""

    entries: int
    """Number of distinct n-grams in the training text that have exactly this order."""
    bytes: int
    """Size of the model on disk."""
    unseen_share: float
    """Share of the test tokens whose n-gram does not occur in the training text."""
    normalised: bool
    """Whether the scores are probabilities."""
    valid: NDArray[np.float64]
    """Negative log score of every token of the validation text, nats, shape (n_tokens,)."""
    test: NDArray[np.float64]
    """Negative log score of every token of the test text, nats, shape (n_tokens,)."""


def ngram_result(
    name: str, kind: str, models: Mapping[int, OrderScores], stored: int, inputs: LanguageModelInputs
) -> NgramResult:
    """Return the result of the n-gram models of one smoother.

    Args:
        name: name of the smoother in params.yaml, for messages.
        kind: smoothing method.
        models: dict from order to the scores of the model of this order, in ascending order.
        stored: number of n-grams in the model of the highest order. The n-grams of all lower orders are included.
        inputs: corpus, generated texts and parameters.
    Raises:
        RunError: if a model must have seen the test text, because its cost is far below the floor. The floor is the
            cost of the text under the true distribution that generated the text.
    """
    corpus = inputs.corpus
    orders = {str(order): _score_order(f"{name}, order {order}", model, corpus) for order, model in models.items()}
    highest = max(models)
    score, nats = orders[str(highest)], models[highest].test
    return NgramResult(
        **_facts(kind, corpus),
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
    """Size of a neural language model, and the model's scores of the validation text and the test text."""

    kind: str
    """Architecture of the network."""
    parameters: int
    """Number of trained weights."""
    devices: Devices
    """Devices that trained the network and scored the texts."""
    valid: Nats
    """Dict from context (`line` or `stream`) to the negative log-probability of every token of the validation text."""
    test: Nats
    """Dict from context (`line` or `stream`) to the negative log-probability of every token of the test text."""


def network_result(name: str, model: NetworkScores, inputs: LanguageModelInputs) -> NetworkResult:
    """Return the result of a neural language model.

    Args:
        name: name of the model in params.yaml, for messages.
        model: size of the model, and the model's scores of both texts.
        inputs: corpus, generated texts and parameters.
    Raises:
        RunError: if the model must have seen the test text, because its cost is far below the floor. The floor is the
            cost of the text under the true distribution that generated the text.
    """
    return NetworkResult(
        model=NetworkSize(parameters=model.parameters), device=model.devices, **_measured(name, model, inputs)
    )


def _measured(name: str, model: "NetworkScores | MixtureScores", inputs: LanguageModelInputs) -> dict[str, Any]:
    """Return the fields that the results of a network and of a mixture share; raise the errors of `network_result`."""
    corpus = inputs.corpus
    valid, test = (score_contexts(name, *pair) for pair in ((model.valid, corpus.valid), (model.test, corpus.test)))
    return {
        **_facts(model.kind, corpus),
        "valid": valid,
        "test": with_interval(test, model.test, corpus.test, *read_bootstrap(inputs.params)),
        "generation": inputs.generation(),
        "natural_text": inputs.natural_text(),
    }


def _facts(kind: str, corpus: LanguageModelCorpus) -> dict[str, Any]:
    """Return the fields of `LanguageModelFacts` for a model of some kind."""
    return {
        "corpus": corpus.name,
        "tokenizer": corpus.tokenizer_facts,
        "text": corpus.test_facts,
        "kind": kind,
        "floors": floor_scores(corpus.test),
    }


@dataclass(frozen=True)
class MixtureScores:
    """Models of a mixture, and the mixture's scores of the validation text and the test text."""

    kind: str
    """Kind of the mixture."""
    models: MixtureModels
    """Names and weights of the models."""
    valid: Nats
    """Dict from context (`line` or `stream`) to the negative log-probability of every token of the validation text."""
    test: Nats
    """Dict from context (`line` or `stream`) to the negative log-probability of every token of the test text."""


def mixture_result(name: str, model: MixtureScores, inputs: LanguageModelInputs) -> MixtureResult:
    """Return the result of a mixture; the arguments and the errors are those of `network_result`."""
    return MixtureResult(model=model.models, **_measured(name, model, inputs))


@dataclass(frozen=True)
class AdaptedScores:
    """A network that adapts to the text that it scores, and its scores of both texts as one stream each."""

    kind: str
    """Kind of the adaptation."""
    network: AdaptedNetwork
    """The network and the settings of its adaptation."""
    devices: Devices
    """Devices that trained the network and scored the texts."""
    valid: Nats
    """Negative log-probability of every token of the validation text; the only key is the context `stream`."""
    test: Nats
    """Negative log-probability of every token of the test text; the only key is the context `stream`."""


def adapted_result(name: str, model: AdaptedScores, corpus: LanguageModelCorpus) -> AdaptedResult:
    """Return the result of a network that adapts to the text that it scores.

    The stream floor bounds such a network, too: the true distribution reads all earlier text, and no predictor that
    reads the same text, however it learns from it, is expected to score lower; see `refuse_leak`. So the refusal also
    finds a network that learns from a token before it scores the token.

    Raises:
        RunError: if a text costs far less than its floor.
    """
    valid, test = (score_contexts(name, *pair) for pair in ((model.valid, corpus.valid), (model.test, corpus.test)))
    return AdaptedResult(
        **_facts(model.kind, corpus), model=model.network, device=model.devices, valid=valid, test=test
    )
